import { encode } from "../ffi/struct-codec.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";
import { tokenStructs } from "../ffi/token-structs.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { callsHere } from "../slow-calls.ts";
import { Win32Error } from "../win32-error.ts";
import { parseAccount } from "./account-name.ts";
import { computerName, nameOfSid, sidOfName } from "./look-up-account.ts";
import { encodeSid } from "./sid.ts";

/** "Log on as a service". https://learn.microsoft.com/windows/win32/secauthz/account-rights-constants */
const RIGHT = "SeServiceLogonRight";

/**
 * Gives an account the right that a workload's logon needs; it keeps what it has. The answer is the account's full name. Rejects with
 * Win32Error: ERROR_NONE_MAPPED for an unknown account, ERROR_ACCESS_DENIED for whoever is no administrator.
 */
export async function grantServiceLogon(api: Winapi, account: string): Promise<string> {
  const { lookUp, sid: known } = parseAccount(account);
  const sid = known ?? (await sidOfName(callsHere(api), lookUp.replace(/^\.(?=\\)/, computerName())));
  const policy = openPolicy(api);
  try {
    check(api, "LsaAddAccountRights", api.LsaAddAccountRights(policy, encodeSid(sid), rightsList(api), 1), account);
  } finally {
    api.LsaClose(policy);
  }
  return nameOfSid(api, sid);
}

function openPolicy(api: Winapi): Handle {
  const { LSA_OBJECT_ATTRIBUTES } = tokenStructs;
  const attributes = encode(LSA_OBJECT_ATTRIBUTES, { Length: LSA_OBJECT_ATTRIBUTES.size });
  const out = Buffer.alloc(8);
  const access = c.POLICY_CREATE_ACCOUNT | c.POLICY_LOOKUP_NAMES;
  check(api, "LsaOpenPolicy", api.LsaOpenPolicy(null, attributes, access, out), "the policy of this machine");
  return Number(out.readBigUInt64LE());
}

/** One LSA_UNICODE_STRING, and behind it the text it points to. */
function rightsList(api: Winapi): Buffer {
  const { LSA_UNICODE_STRING } = tokenStructs;
  const text = Buffer.from(`${RIGHT}\0`, "utf16le");
  const list = Buffer.concat([Buffer.alloc(LSA_UNICODE_STRING.size), text]);
  encode(LSA_UNICODE_STRING, {
    Length: text.length - 2,
    MaximumLength: text.length,
    Buffer: api.addressOf(list) + BigInt(LSA_UNICODE_STRING.size),
  }).copy(list);
  return list;
}

function check(api: Winapi, call: string, status: number, subject: string): void {
  if (status < 0) throw new Win32Error(call, api.LsaNtStatusToWinError(status), { account: subject });
}
