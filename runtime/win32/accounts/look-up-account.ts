import { hostname } from "node:os";
import type { Winapi } from "../ffi/winapi.ts";
import type { SlowCalls } from "../slow-calls.ts";
import { Win32Error } from "../win32-error.ts";
import { decodeSid, encodeSid, LONGEST_SID } from "./sid.ts";

const LONGEST_NAME = 512;

/** The SID of an account or group; its domain may have to be asked. Throws Win32Error, ERROR_NONE_MAPPED when there is none. */
export async function sidOfName(slow: SlowCalls, name: string): Promise<string> {
  const [sid, sidSize] = [Buffer.alloc(LONGEST_SID), sized(LONGEST_SID)] as const;
  const [domain, domainLength, use] = [Buffer.alloc(LONGEST_NAME * 2), sized(LONGEST_NAME), Buffer.alloc(4)] as const;
  const { value, code } = await slow.call("LookupAccountNameW", [null, name, sid, sidSize, domain, domainLength, use]);
  if (!value) throw new Win32Error("LookupAccountNameW", code, { account: name });
  return decodeSid(sid);
}

/** `DOMAIN\name`, for people and for icacls; the SID itself when nobody knows a name for it. */
export function nameOfSid(api: Winapi, sid: string): string {
  const [name, domain] = [Buffer.alloc(LONGEST_NAME * 2), Buffer.alloc(LONGEST_NAME * 2)] as const;
  const [nameLength, domainLength, use] = [sized(LONGEST_NAME), sized(LONGEST_NAME), Buffer.alloc(4)] as const;
  if (!api.LookupAccountSidW(null, encodeSid(sid), name, nameLength, domain, domainLength, use)) return sid;
  const [account, where] = [textOf(name), textOf(domain)];
  return where === "" ? account : `${where}\\${account}`;
}

function sized(length: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(length);
  return buffer;
}

const textOf = (buffer: Buffer): string => buffer.toString("utf16le").split("\0", 1)[0] ?? "";

/** What a dot before the backslash stands for, as LookupAccountNameW knows it: NetBIOS names have 15 characters. */
export const computerName = (): string => (hostname().split(".", 1)[0] ?? "").slice(0, 15);
