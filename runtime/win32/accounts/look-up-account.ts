import type { BlockingCalls } from "../blocking-calls.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { decodeSid, encodeSid, LONGEST_SID } from "../security/sid.ts";
import { Win32Error } from "../win32-error.ts";
import { authorityOfName, authorityOfSid } from "./authority.ts";

const LONGEST_NAME = 512;

/** The SID of an account or group. Windows may have to ask its domain. Throws Win32Error, ERROR_NONE_MAPPED when there is none. */
export async function sidOfName(slow: BlockingCalls, name: string): Promise<string> {
  const [sid, sidSize] = [Buffer.alloc(LONGEST_SID), sized(LONGEST_SID)] as const;
  const [domain, domainLength, use] = [Buffer.alloc(LONGEST_NAME * 2), sized(LONGEST_NAME), Buffer.alloc(4)] as const;
  const { value, code } = await slow.call(authorityOfName(name), "LookupAccountNameW", [
    null,
    name,
    sid,
    sidSize,
    domain,
    domainLength,
    use,
  ]);
  if (!value) throw new Win32Error("LookupAccountNameW", code, { account: name });
  return decodeSid(sid);
}

/** `DOMAIN\name`, for people and for icacls; the SID itself when nobody knows a name for it. Windows may have to ask its domain. */
export async function nameOfSid(slow: BlockingCalls, sid: string): Promise<string> {
  const { args, name } = sidQuestion(sid);
  const { value } = await slow.call(authorityOfSid(sid), "LookupAccountSidW", [...args]);
  return value ? name() : sid;
}

/** The same without waiting, for the account of this very process: Windows knows who is logged on. */
export function ownName(api: Winapi, sid: string): string {
  const { args, name } = sidQuestion(sid);
  return api.LookupAccountSidW(...args) ? name() : sid;
}

function sidQuestion(sid: string) {
  const [account, domain] = [Buffer.alloc(LONGEST_NAME * 2), Buffer.alloc(LONGEST_NAME * 2)] as const;
  const [length, domainLength, use] = [sized(LONGEST_NAME), sized(LONGEST_NAME), Buffer.alloc(4)] as const;
  const args = [null, encodeSid(sid), account, length, domain, domainLength, use] as const;
  const name = (): string => (textOf(domain) === "" ? textOf(account) : `${textOf(domain)}\\${textOf(account)}`);
  return { args, name };
}

function sized(length: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(length);
  return buffer;
}

const textOf = (buffer: Buffer): string => buffer.toString("utf16le").split("\0", 1)[0] ?? "";
