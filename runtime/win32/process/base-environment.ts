import type { Handle, Winapi } from "../ffi/winapi.ts";
import { must } from "../win32-error.ts";
import { asRecord, entriesOf } from "./environment-block.ts";

/** Larger than any block that the system makes of the machine's variables alone. */
const MOST_BYTES = 256 * 1024;
const PAGE = 4096;

/**
 * The variables of `inheritEnvironment: System` (docs/environment.md): what an account finds when it logs on. These are the machine's variables as
 * System Properties shows them, the account's own, and where its folders are. Without a token only the machine's. Nothing of the daemon's environment
 * is in them.
 */
export function baseEnvironment(api: Winapi, token: Handle = 0): Record<string, string> {
  const out = Buffer.alloc(8);
  must(api, "CreateEnvironmentBlock", api.CreateEnvironmentBlock(out, token, 0));
  const block = out.readBigUInt64LE(0);
  try {
    return asRecord(entriesOf(readBlock(api, block)));
  } finally {
    api.DestroyEnvironmentBlock(block);
  }
}

/** Reads up to its end mark, page by page, since what follows it may not be readable. */
function readBlock(api: Winapi, address: bigint): string {
  let text = "";
  for (let at = address; text.length * 2 < MOST_BYTES; ) {
    const size = PAGE - Number(at % BigInt(PAGE));
    const page = Buffer.alloc(size);
    must(api, "ReadProcessMemory", api.ReadProcessMemory(api.GetCurrentProcess(), at, page, size, null));
    text += page.toString("utf16le");
    if (text.includes("\0\0")) return text;
    at += BigInt(size);
  }
  return text;
}
