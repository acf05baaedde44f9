import type { Winapi } from "../../runtime/win32/ffi/winapi.ts";

export interface Call {
  name: string;
  args: unknown[];
}

export interface Recording {
  api: Winapi;
  calls: Call[];
  of(name: keyof Winapi): unknown[][];
}

/** Answers of calls that fill in something, or that shall fail. Everything else gives 1, and handles count up from 100. */
export type Answers = { [K in keyof Winapi]?: (...args: never[]) => unknown };

const HANDLES = new Set(["CreateJobObjectW", "OpenJobObjectW", "CreateFileW", "CreateEventW", "OpenProcess"]);

/**
 * A Windows that takes everything and writes it down: for calls of which the test bed shows nothing but that they were made. Buffers
 * are copied as they were when the call was made.
 */
export function recordingWinapi(answers: Answers = {}): Recording {
  const calls: Call[] = [];
  const kept: Buffer[] = [];
  let next = 100;
  const fillHandle = (out: Buffer, at = 0): number => {
    next += 4;
    out.writeBigUInt64LE(BigInt(next), at);
    return 1;
  };
  const usual: Answers = {
    GetLastError: () => 0,
    GetCurrentProcess: () => -1,
    addressOf: (buffer: Buffer) => {
      kept.push(buffer);
      return BigInt(kept.length) * 0x1_0000n;
    },
    DuplicateHandle: (_from: number, _handle: number, _to: number, out: Buffer) => fillHandle(out),
    ConvertStringSecurityDescriptorToSecurityDescriptorW: (_sddl: string, _revision: number, out: Buffer) =>
      fillHandle(out),
    InitializeProcThreadAttributeList: (list: Buffer | null, _count: number, _flags: number, size: Buffer) => {
      if (list === null) size.writeBigUInt64LE(64n);
      return list === null ? 0 : 1;
    },
    CreateProcessW: (...args: unknown[]) => {
      const info = args[9] as Buffer;
      fillHandle(info, 0);
      fillHandle(info, 8);
      info.writeUInt32LE(4242, 16);
      return 1;
    },
    ...answers,
  };
  const api = new Proxy({} as Winapi, {
    get:
      (_, name: string) =>
      (...args: unknown[]): unknown => {
        calls.push({ name, args: args.map((arg) => (Buffer.isBuffer(arg) ? Buffer.from(arg) : arg)) });
        const answer = usual[name as keyof Winapi] as ((...all: unknown[]) => unknown) | undefined;
        if (answer) return answer(...args);
        if (!HANDLES.has(name)) return 1;
        next += 4;
        return next;
      },
  });
  return { api, calls, of: (name) => calls.filter((call) => call.name === name).map(({ args }) => args) };
}
