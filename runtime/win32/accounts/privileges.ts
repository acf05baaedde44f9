import { encode } from "../ffi/struct-codec.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";
import { tokenStructs } from "../ffi/token-structs.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { Token } from "../security/token.ts";
import { must, Win32Error } from "../win32-error.ts";

/** What the daemon needs to start programs as other accounts, each with the reason; `service-installation.ts` asks for all of them. */
export const NEEDED = {
  SeAssignPrimaryTokenPrivilege: "to start a program with the token of another account",
  SeIncreaseQuotaPrivilege: "to start a program with the token of another account",
  SeTcbPrivilege: "to log on virtual accounts, and to get the token of a session's user",
  SeImpersonatePrivilege: "to check as an account what it may open",
  SeBackupPrivilege: "to load an account's profile",
  SeRestorePrivilege: "to load an account's profile",
} as const;

export type NeededPrivilege = keyof typeof NEEDED;

/** Enables those that this process holds, for its whole life. Returns those that it does not hold. Throws Win32Error. */
export function enablePrivileges<P extends string>(api: Winapi, names: readonly P[]): Set<P> {
  const token = Token.ofProcess(api, api.GetCurrentProcess(), c.TOKEN_ADJUST_PRIVILEGES | c.TOKEN_QUERY);
  try {
    return new Set(names.filter((name) => !enable(api, token, name)));
  } finally {
    token.close();
  }
}

/** The call succeeds also when the process lacks the privilege; only the error code tells then. */
function enable(api: Winapi, token: Token, name: string): boolean {
  const luid = privilegeLuid(api, name);
  const one = encode(tokenStructs.LUID_AND_ATTRIBUTES, { Luid: luid, Attributes: c.SE_PRIVILEGE_ENABLED });
  const state = Buffer.concat([Buffer.from([1, 0, 0, 0]), one]);
  const done = api.AdjustTokenPrivileges(token.handle, 0, state, state.length, null, null);
  const code = api.GetLastError();
  if (!done) throw new Win32Error("AdjustTokenPrivileges", code, { privilege: name });
  return code !== c.ERROR_NOT_ALL_ASSIGNED;
}

/** Throws Win32Error, ERROR_NO_SUCH_PRIVILEGE among others. */
export function privilegeLuid(api: Winapi, name: string): bigint {
  const luid = Buffer.alloc(8);
  must(api, "LookupPrivilegeValueW", api.LookupPrivilegeValueW(null, name, luid), { privilege: name });
  return luid.readBigUInt64LE();
}
