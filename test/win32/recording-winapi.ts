import { tokenConstants as c } from "../../runtime/win32/ffi/token-constants.ts";
import type { Winapi } from "../../runtime/win32/ffi/winapi.ts";
import { decodeSid, encodeSid } from "../../runtime/win32/security/sid.ts";

export interface Call {
  name: string;
  args: unknown[];
}

export interface Recording {
  api: Winapi;
  calls: Call[];
  of(name: keyof Winapi): unknown[][];
  /** Handles that were given and not closed, with the call that gave them. */
  open(): string[];
  /** The call after `count` more fails with ERROR_ACCESS_DENIED; those that close are not counted. */
  failAfter(count: number): void;
  /** The name of the call that did. */
  failed(): string | undefined;
  /** Names and SIDs that LSA was told and was not told to forget. */
  mapped: ReadonlyMap<string, string>;
  /** What lies at an address of a Buffer that was given to a call, up to `length` bytes. */
  at(address: bigint, length: number): Buffer;
}

/** Answers of calls that fill in something, or that shall fail; undefined for what this Windows lacks. Everything else gives 1, and handles count up from 100. */
export type Answers = { [K in keyof Winapi]?: ((...args: never[]) => unknown) | undefined };

/** What a made-up token says; of the account that has no name here. */
export interface FakeToken {
  user: string;
  groups?: readonly { sid: string; attributes: number }[];
  privileges?: readonly string[];
}

/** They close, or only tell. */
const NEVER_FAIL = new Set([
  ...["CloseHandle", "LocalFree", "DestroyEnvironmentBlock", "UnloadUserProfile", "DeleteProcThreadAttributeList"],
  ...["GetLastError", "GetCurrentProcess", "GetActiveProcessorCount", "addressOf"],
]);
const HANDLES = new Set(["CreateJobObjectW", "OpenJobObjectW", "CreateFileW", "CreateEventW", "OpenProcess"]);
/** Position of the Buffer that gets a handle. */
const GIVES = {
  LogonUserW: 5,
  LogonUserExExW: 6,
  DuplicateTokenEx: 5,
  CreateRestrictedToken: 8,
  OpenProcessToken: 2,
  WTSQueryUserToken: 1,
};
const DESCRIPTOR = "ConvertStringSecurityDescriptorToSecurityDescriptorW";

export const luidOf = (privilege: string): bigint =>
  [...privilege].reduce((sum, letter) => (sum * 31n + BigInt(letter.charCodeAt(0))) % 65_521n, 7n);

/**
 * A Windows that takes everything and writes it down: for calls of which the test bed shows nothing but that they were made. Buffers
 * are copied as they were when the call was made. `tokens`: what the token of a call says, by the call; `own` for this process.
 */
export function recordingWinapi(
  answers: Answers = {},
  tokens: Partial<Record<"own" | "LogonUserW" | "LogonUserExExW" | "WTSQueryUserToken", FakeToken>> = {},
  accounts: Readonly<Record<string, string>> = {},
): Recording {
  const calls: Call[] = [];
  const mapped = new Map<string, string>();
  const addresses = new Map<ArrayBufferLike, bigint>();
  const given = new Map<number, string>();
  const saying = new Map<number, FakeToken>();
  let untilFailure = Number.POSITIVE_INFINITY;
  let lastFailed = false;
  let failed: string | undefined;
  const nobody: FakeToken = { user: "S-1-5-21-1-2-3-1000" };
  let next = 100;
  const give = (name: string): number => {
    next += 4;
    given.set(next, name);
    return next;
  };
  const fill = (name: string, out: Buffer, at = 0): number => {
    out.writeBigUInt64LE(BigInt(give(name)), at);
    return 1;
  };
  const addressOf = (buffer: Buffer): bigint => {
    const known = addresses.get(buffer.buffer) ?? BigInt(addresses.size + 1) * 0x1000_0000n;
    addresses.set(buffer.buffer, known);
    return known + BigInt(buffer.byteOffset);
  };
  const at = (address: bigint, length: number): Buffer => {
    for (const [memory, start] of addresses) {
      const from = Number(address - start);
      if (from >= 0 && from < memory.byteLength)
        return Buffer.from(memory, from, Math.min(length, memory.byteLength - from));
    }
    throw new Error(`nothing lies at ${address}`);
  };
  const token = (name: keyof typeof GIVES, says: (handle: number) => FakeToken) => {
    return (...args: unknown[]): number => {
      const out = args[GIVES[name]] as Buffer;
      fill(name, out);
      saying.set(Number(out.readBigUInt64LE()), says(args[0] as number));
      return 1;
    };
  };
  const of = (handle: number): FakeToken => saying.get(handle) ?? nobody;
  const usual: Answers = {
    GetLastError: () => 0,
    GetCurrentProcess: () => -1,
    GetActiveProcessorCount: () => 4,
    addressOf,
    CloseHandle: (handle: number) => (given.delete(handle) ? 1 : 0),
    LocalFree: (memory: bigint) => {
      given.delete(Number(memory));
      return null;
    },
    OpenProcessToken: token("OpenProcessToken", () => tokens.own ?? nobody),
    LogonUserW: token("LogonUserW", () => tokens.LogonUserW ?? nobody),
    LogonUserExExW: (...args: unknown[]) => {
      const says = tokens.LogonUserExExW ?? { user: mapped.get(`${args[1]}\\${args[0]}`) ?? nobody.user };
      return token("LogonUserExExW", () => says)(...args);
    },
    LsaManageSidNameMapping: (operation: number, input: Buffer) => {
      const name = (where: number): string =>
        at(input.readBigUInt64LE(where + 8), input.readUInt16LE(where)).toString("utf16le");
      const account = input.readUInt16LE(16) === 0 ? name(0) : `${name(0)}\\${name(16)}`;
      if (operation === c.LsaSidNameMappingOperation_Remove) mapped.delete(account);
      else mapped.set(account, decodeSid(at(input.readBigUInt64LE(32), 68)));
      return 0;
    },
    LsaNtStatusToWinError: (status: number) => status & 0xffff,
    DuplicateTokenEx: token("DuplicateTokenEx", of),
    CreateRestrictedToken: token("CreateRestrictedToken", of),
    WTSQueryUserToken: (session: number, out: Buffer) =>
      token("WTSQueryUserToken", () => tokens.WTSQueryUserToken ?? nobody)(session, out),
    GetTokenInformation: (handle: number, infoClass: number, out: Buffer) => {
      tellToken(of(handle), infoClass, out, addressOf(out));
      return 1;
    },
    LookupPrivilegeValueW: (_system: null, name: string, luid: Buffer) => {
      luid.writeBigUInt64LE(luidOf(name));
      return 1;
    },
    LookupAccountNameW: (_system: null, name: string, sid: Buffer) => {
      const known = mapped.get(name) ?? accounts[name];
      if (known === undefined) return 0;
      encodeSid(known).copy(sid);
      return 1;
    },
    LookupAccountSidW: (_system: null, sid: Buffer, name: Buffer) => {
      const text = Object.entries(accounts).find(([, known]) => known === decodeSid(sid))?.[0];
      if (text !== undefined) name.write(`${text}\0`, "utf16le");
      return text === undefined ? 0 : 1;
    },
    LoadUserProfileW: (_token: number, info: Buffer) => fill("LoadUserProfileW", info, 48),
    UnloadUserProfile: (_token: number, profile: number) => (given.delete(profile) ? 1 : 0),
    CreateEnvironmentBlock: (out: Buffer) => fill("CreateEnvironmentBlock", out),
    DestroyEnvironmentBlock: (block: bigint) => (given.delete(Number(block)) ? 1 : 0),
    ReadProcessMemory: (_process: number, _address: bigint, out: Buffer) => {
      out.write("SystemRoot=C:\\Windows\0\0", "utf16le");
      return 1;
    },
    GetFileSecurityW: (_path: string, _information: number, _out: Buffer | null, _length: number, needed: Buffer) => {
      needed.writeUInt32LE(20);
      return 1;
    },
    AccessCheck: (...args: unknown[]) => {
      (args[7] as Buffer).writeUInt32LE(1);
      return 1;
    },
    CreatePipe: (reader: Buffer, writer: Buffer) => fill("CreatePipe", reader) && fill("CreatePipe", writer),
    PeekNamedPipe: () => 0,
    DuplicateHandle: (_from: number, _handle: number, _to: number, out: Buffer) => fill("DuplicateHandle", out),
    [DESCRIPTOR]: (_sddl: string, _revision: number, out: Buffer) => fill(DESCRIPTOR, out),
    InitializeProcThreadAttributeList: (list: Buffer | null, _count: number, _flags: number, size: Buffer) => {
      if (list === null) size.writeBigUInt64LE(64n);
      return list === null ? 0 : 1;
    },
    CreateProcessAsUserW: (...args: unknown[]) => {
      const info = args[10] as Buffer;
      fill("CreateProcessAsUserW", info, 0);
      fill("CreateProcessAsUserW", info, 8);
      info.writeUInt32LE(4242, 16);
      return 1;
    },
    ...answers,
  };
  const api = new Proxy({} as Winapi, {
    get: (_, name: string) => {
      if (name in answers && answers[name as keyof Winapi] === undefined) return undefined;
      return (...args: unknown[]): unknown => {
        calls.push({ name, args: args.map((arg) => (Buffer.isBuffer(arg) ? Buffer.from(arg) : arg)) });
        if (name === "GetLastError" && lastFailed) return 5;
        if (!NEVER_FAIL.has(name)) {
          lastFailed = untilFailure-- === 0;
          if (lastFailed) failed = name;
          if (lastFailed) return name === "CreateFileW" ? -1 : 0;
        }
        const answer = usual[name as keyof Winapi] as ((...all: unknown[]) => unknown) | undefined;
        if (answer) return answer(...args);
        return HANDLES.has(name) ? give(name) : 1;
      };
    },
  });
  return {
    api,
    calls,
    of: (name) => calls.filter((call) => call.name === name).map(({ args }) => args),
    open: () => [...given.values()],
    failAfter(count) {
      untilFailure = count;
    },
    failed: () => failed,
    mapped,
    at,
  };
}

/** TOKEN_USER, TOKEN_GROUPS, TOKEN_PRIVILEGES, with the SIDs behind them. */
function tellToken(
  { user, groups = [], privileges = [] }: FakeToken,
  infoClass: number,
  out: Buffer,
  at: bigint,
): void {
  let free = 512;
  const point = (sid: string, where: number): void => {
    out.writeBigUInt64LE(at + BigInt(free), where);
    free += encodeSid(sid).copy(out, free);
  };
  if (infoClass === c.TokenUser) {
    point(user, 0);
    return;
  }
  if (infoClass === c.TokenGroups) {
    out.writeUInt32LE(groups.length, 0);
    for (const [index, { sid, attributes }] of groups.entries()) {
      point(sid, 8 + index * 16);
      out.writeUInt32LE(attributes, 16 + index * 16);
    }
    return;
  }
  out.writeUInt32LE(privileges.length, 0);
  for (const [index, name] of privileges.entries()) out.writeBigUInt64LE(luidOf(name), 4 + index * 12);
}
