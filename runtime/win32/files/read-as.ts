import { constants } from "../ffi/constants.ts";
import type { Winapi } from "../ffi/winapi.ts";
import type { Token } from "../security/token.ts";
import { must, Win32Error } from "../win32-error.ts";
import { extended, refusal } from "./path-rules.ts";

const SHARE = constants.FILE_SHARE_READ | constants.FILE_SHARE_WRITE | constants.FILE_SHARE_DELETE;

/**
 * Reads a file as the account of a token: the system opens it with the rights of that account, whatever the daemon's are. Undefined: nothing is there.
 * Throws, with a sentence that follows a colon.
 */
export function readAs(api: Winapi, path: string, token: Token, most: number): Buffer | undefined {
  const problem = refusal(path);
  if (problem) throw new Error(`it ${problem}`);
  const file = openAs(api, path, token);
  if (file === undefined) return undefined;
  try {
    const content = Buffer.alloc(most);
    const count = Buffer.alloc(4);
    let at = 0;
    do {
      const rest = content.subarray(at);
      must(api, "ReadFile", api.ReadFile(file, rest, rest.length, count, null));
      at += count.readUInt32LE();
    } while (count.readUInt32LE() > 0 && at < most);
    return content.subarray(0, at);
  } finally {
    api.CloseHandle(file);
  }
}

/** The thread has the rights of the account for this one call: nothing else of the daemon runs meanwhile. */
function openAs(api: Winapi, path: string, token: Token): number | undefined {
  const asking = token.impersonation();
  try {
    must(api, "ImpersonateLoggedOnUser", api.ImpersonateLoggedOnUser(asking.handle));
    const file = api.CreateFileW(extended(path), constants.GENERIC_READ, SHARE, null, constants.OPEN_EXISTING, 0, 0);
    const code = file === -1 ? api.GetLastError() : 0;
    must(api, "RevertToSelf", api.RevertToSelf());
    if (file !== -1) return file;
    if (code === constants.ERROR_FILE_NOT_FOUND || code === constants.ERROR_PATH_NOT_FOUND) return undefined;
    throw new Win32Error("CreateFileW", code);
  } finally {
    asking.close();
  }
}
