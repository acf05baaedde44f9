import { type RunAs, StartError } from "../../runtime.ts";
import { constants } from "../ffi/constants.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";
import { Win32Error } from "../win32-error.ts";
import { parseAccount } from "./account-name.ts";

/** Turns what went wrong between the manifest and the token into a StartError that says what to do about it. */
export function startFailureOf(error: unknown, runAs: RunAs): unknown {
  if (!(error instanceof Win32Error)) return error;
  const { call, code, message } = error;
  const options = { cause: error };
  if (call === "LookupAccountNameW" && code === constants.ERROR_NONE_MAPPED) {
    return new StartError("AccountNotFound", unknownAccount(runAs.account ?? ""), options);
  }
  if (call === "LookupPrivilegeValueW" && code === c.ERROR_NO_SUCH_PRIVILEGE) {
    const field = runAs.keepPrivileges ? "keepPrivileges" : "removePrivileges";
    return new StartError(
      "InvalidArgument",
      `runAs.${field}: this Windows knows no such privilege (${message})`,
      options,
    );
  }
  if (call === "SetTokenInformation" && code === constants.ERROR_PRIVILEGE_NOT_HELD) {
    return new StartError(
      "AccountNotAllowed",
      `runAs.integrityLevel: ${runAs.integrityLevel ?? "Medium"} is above what this account, or this daemon, may give (${message})`,
      options,
    );
  }
  return new StartError("SystemError", `the rights of the account could not be prepared: ${message}`, options);
}

function unknownAccount(account: string): string {
  const { kind, user } = parseAccount(account);
  if (kind === "virtual") {
    return `account "${account}" does not exist: a virtual account belongs to a service of that name, and there is none (sc query ${user})`;
  }
  if (kind === "managed") {
    return `account "${account}" does not exist, or no domain controller knows it (Test-ADServiceAccount ${user.replace(/\$$/, "")})`;
  }
  return `account "${account}" does not exist on this machine or in its domain`;
}
