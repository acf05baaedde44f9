import { fileConstants as f } from "../ffi/file-constants.ts";
import type { Winapi } from "../ffi/winapi.ts";

/** PROCESS_MITIGATION_REDIRECTION_TRUST_POLICY: EnforceRedirectionTrust. */
const ENFORCE = 1;

/**
 * From now on this process follows no junction that somebody without administrator's rights has made, wherever it meets one (RedirectionGuard:
 * Windows 11 and 10 22H2). Programs it starts are not bound by it. False where the system does not know it: every place that opens something
 * minds links itself, and this stands behind them.
 */
export function refuseForeignJunctions(api: Winapi): boolean {
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(ENFORCE);
  return api.SetProcessMitigationPolicy(f.ProcessRedirectionTrustPolicy, flags, flags.length) !== 0;
}
