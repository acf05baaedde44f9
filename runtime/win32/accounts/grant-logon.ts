import { callsInThisThread } from "../blocking-calls.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { encodeSid } from "../security/sid.ts";
import { parseAccount } from "./account-name.ts";
import { computerName } from "./computer-name.ts";
import { nameOfSid, sidOfName } from "./look-up-account.ts";
import { allowServiceLogon, forgetRights, serviceLogons } from "./lsa.ts";
import { PROCESS_DOMAIN_SID } from "./process-account.ts";

/**
 * Gives an account the right that a workload's logon needs; other rights stay. Resolves with the account's full name. Rejects with Win32Error:
 * ERROR_NONE_MAPPED for an unknown account, ERROR_ACCESS_DENIED when the caller is no administrator.
 */
export async function grantServiceLogon(api: Winapi, account: string): Promise<string> {
  const { lookUp, sid: known } = parseAccount(account);
  const sid = known ?? (await sidOfName(callsInThisThread(api), lookUp.replace(/^\.(?=\\)/, computerName())));
  allowServiceLogon(api, encodeSid(sid), account);
  return nameOfSid(callsInThisThread(api), sid);
}

/** Takes back what the accounts of Processes were given, for an uninstall that leaves nothing of wctl. Throws Win32Error. */
export function forgetProcessAccounts(api: Winapi): void {
  for (const sid of serviceLogons(api)) if (sid.startsWith(`${PROCESS_DOMAIN_SID}-`)) forgetRights(api, encodeSid(sid));
}
