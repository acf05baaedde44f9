import { constants } from "./ffi/constants.ts";
import { tokenConstants } from "./ffi/token-constants.ts";
import type { Winapi } from "./ffi/winapi.ts";

const NAMES = new Map<number, string>(
  Object.entries({ ...constants, ...tokenConstants }).flatMap(([name, value]) =>
    name.startsWith("ERROR_") ? [[value, name] as const] : [],
  ),
);

/** A failed call: its name, the code, the code's name, and what the call was about. */
export class Win32Error extends Error {
  override readonly name = "Win32Error";
  readonly call: string;
  /** The code of GetLastError; for calls of ntdll an NTSTATUS. */
  readonly code: number;

  constructor(call: string, code: number, fields: Readonly<Record<string, unknown>> = {}) {
    const details = Object.entries(fields)
      .map(([name, value]) => `, ${name}=${value}`)
      .join("");
    super(`${call} failed with ${nameOfError(code)}${details}`);
    this.call = call;
    this.code = code;
  }
}

/** `ERROR_ACCESS_DENIED (5)`, `0xC0000004`, `error 4711 (net helpmsg 4711)`. */
export function nameOfError(code: number): string {
  const name = NAMES.get(code);
  if (name !== undefined) return `${name} (${code})`;
  if (code < 0 || code > 0xffff) return `0x${(code >>> 0).toString(16).toUpperCase().padStart(8, "0")}`;
  return `error ${code} (net helpmsg ${code})`;
}

/** `value` unless it is 0 or -1, which is how calls that give a handle or a BOOL say that they failed. */
export function must(api: Winapi, call: string, value: number, fields?: Readonly<Record<string, unknown>>): number {
  if (value === 0 || value === -1) throw new Win32Error(call, api.GetLastError(), fields);
  return value;
}
