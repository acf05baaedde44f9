import { fileConstants as f } from "../ffi/file-constants.ts";
import type { Winapi } from "../ffi/winapi.ts";

/** PROCESS_MITIGATION_REDIRECTION_TRUST_POLICY: EnforceRedirectionTrust. */
const ENFORCE = 1;

/**
 * From now on Windows lets this process follow no junction that a user without administrator rights has made (RedirectionGuard: Windows 11, and
 * Windows 10 22H2). The programs that it starts are not restricted. Returns false where Windows does not know the policy. This is a second line of
 * defence: all code that opens files checks for links itself.
 */
export function refuseForeignJunctions(api: Winapi): boolean {
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(ENFORCE);
  return api.SetProcessMitigationPolicy(f.ProcessRedirectionTrustPolicy, flags, flags.length) !== 0;
}
