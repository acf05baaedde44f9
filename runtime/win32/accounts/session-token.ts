import { StartError } from "../../runtime.ts";
import { constants } from "../ffi/constants.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { Token } from "../security/token.ts";
import { nameOfError, Win32Error } from "../win32-error.ts";

/** The desktop that the user of a session sees. */
export const USERS_DESKTOP = "winsta0\\default";

const NO_SESSION = 0xffffffff;

/**
 * The token of whoever is logged on in the session, with the rights of his desktop. The caller closes it. Throws StartError.
 * https://learn.microsoft.com/windows/win32/api/wtsapi32/nf-wtsapi32-wtsqueryusertoken
 */
export function sessionToken(api: Winapi, session: "Console" | number): Token {
  const number = session === "Console" ? api.WTSGetActiveConsoleSessionId() : session;
  const name = session === "Console" ? "the session of the console" : `session ${session}`;
  if (number === NO_SESSION) throw new StartError("AccountNotFound", `${name} does not exist at this moment`);
  const out = Buffer.alloc(8);
  if (api.WTSQueryUserToken(number, out)) return new Token(api, Number(out.readBigUInt64LE()));
  const code = api.GetLastError();
  const cause = new Win32Error("WTSQueryUserToken", code, { session: number });
  if (code === constants.ERROR_PRIVILEGE_NOT_HELD) {
    throw new StartError(
      "AccountNotAllowed",
      "only a daemon that runs as LocalSystem (wctl service install) can start programs for the user of a session",
      { cause },
    );
  }
  const message = `nobody is logged on in ${name} (WTSQueryUserToken: ${nameOfError(code)}); see: query session`;
  throw new StartError("AccountNotFound", message, { cause });
}
