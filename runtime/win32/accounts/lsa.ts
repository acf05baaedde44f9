import { encode } from "../ffi/struct-codec.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";
import { tokenStructs } from "../ffi/token-structs.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { decodeSid } from "../security/sid.ts";
import { must, Win32Error } from "../win32-error.ts";

/** Fields that follow each other, and behind them what they point to: one Buffer, so that all of it lives equally long. */
export function withTexts(api: Winapi, head: Buffer, texts: readonly { text: string; at: number }[]): Buffer {
  const { LSA_UNICODE_STRING } = tokenStructs;
  const encoded = texts.map(({ text }) => Buffer.from(`${text}\0`, "utf16le"));
  const whole = Buffer.concat([head, ...encoded]);
  let free = head.length;
  for (const [index, { at }] of texts.entries()) {
    const { length } = encoded[index]!;
    const address = api.addressOf(whole) + BigInt(free);
    encode(LSA_UNICODE_STRING, { Length: length - 2, MaximumLength: length, Buffer: address }).copy(whole, at);
    free += length;
  }
  return whole;
}

/** An LSA_UNICODE_STRING. */
export const lsaText = (api: Winapi, text: string): Buffer =>
  withTexts(api, Buffer.alloc(tokenStructs.LSA_UNICODE_STRING.size), [{ text, at: 0 }]);

/** Opens the policy of this machine for as long as `use` takes. Throws Win32Error. */
export function withPolicy<T>(api: Winapi, access: number, use: (policy: Handle) => T): T {
  const { LSA_OBJECT_ATTRIBUTES } = tokenStructs;
  const attributes = encode(LSA_OBJECT_ATTRIBUTES, { Length: LSA_OBJECT_ATTRIBUTES.size });
  const out = Buffer.alloc(8);
  lsaMust(api, "LsaOpenPolicy", api.LsaOpenPolicy(null, attributes, access, out), "the policy of this machine");
  const policy = Number(out.readBigUInt64LE());
  try {
    return use(policy);
  } finally {
    api.LsaClose(policy);
  }
}

/** Throws Win32Error for an NTSTATUS that is a failure. */
export function lsaMust(api: Winapi, call: string, status: number, subject: string): void {
  if (status < 0) throw new Win32Error(call, api.LsaNtStatusToWinError(status), { account: subject });
}

/** "Log on as a service". https://learn.microsoft.com/windows/win32/secauthz/account-rights-constants */
const SERVICE_LOGON = "SeServiceLogonRight";

/** Throws Win32Error, ERROR_ACCESS_DENIED when the caller is no administrator. */
export function allowServiceLogon(api: Winapi, sid: Buffer, subject: string): void {
  withPolicy(api, c.POLICY_CREATE_ACCOUNT | c.POLICY_LOOKUP_NAMES, (policy) => {
    const status = api.LsaAddAccountRights(policy, sid, lsaText(api, SERVICE_LOGON), 1);
    lsaMust(api, "LsaAddAccountRights", status, subject);
  });
}

/** Takes back every right that the account was given, if there was one. */
export function forgetRights(api: Winapi, sid: Buffer): void {
  withPolicy(api, c.POLICY_LOOKUP_NAMES, (policy) => api.LsaRemoveAccountRights(policy, sid, 1, null, 0));
}

/** SIDs of the accounts that may log on as a service; none when Windows does not say. Throws Win32Error when the policy can't be opened. */
export function serviceLogons(api: Winapi): string[] {
  return withPolicy(api, c.POLICY_LOOKUP_NAMES | c.POLICY_VIEW_LOCAL_INFORMATION, (policy) => {
    const [out, count] = [Buffer.alloc(8), Buffer.alloc(4)] as const;
    if (api.LsaEnumerateAccountsWithUserRight(policy, lsaText(api, SERVICE_LOGON), out, count) < 0) return [];
    const list = out.readBigUInt64LE();
    try {
      const pointers = memoryAt(api, list, count.readUInt32LE() * POINTER);
      return Array.from({ length: pointers.length / POINTER }, (_, index) =>
        sidAt(api, pointers.readBigUInt64LE(index * POINTER)),
      );
    } finally {
      api.LsaFreeMemory(list);
    }
  });
}

const POINTER = 8;
const SID_HEADER = 8;

/** Copies no byte more than it has: what follows may not be readable. */
function sidAt(api: Winapi, address: bigint): string {
  const parts = memoryAt(api, address, SID_HEADER).readUInt8(1);
  return decodeSid(memoryAt(api, address, SID_HEADER + parts * 4));
}

function memoryAt(api: Winapi, address: bigint, length: number): Buffer {
  const memory = Buffer.alloc(length);
  must(api, "ReadProcessMemory", api.ReadProcessMemory(api.GetCurrentProcess(), address, memory, length, null));
  return memory;
}
