import type { LogEncoding } from "../runtime.ts";
import { codePages, decodeCodePage } from "./code-pages.ts";

/** Decodes chunks to text. With `stream`, a character that begins at the end of a chunk waits for the rest. */
export type Decode = (bytes: Uint8Array, options: { stream: boolean }) => string;

export interface Encoding {
  /** The size in bytes of the unit that a newline is looked for in: 2 in UTF-16, where 0x0A may be half of another character. */
  unit: 1 | 2;
  /** Undefined for UTF-8, which needs no decoding. `isStart`: the first bytes are those of the file, where a byte order mark may be. */
  decoder?: (isStart: boolean) => Decode;
}

/**
 * The encoding that a run record names. Names are WHATWG's (https://encoding.spec.whatwg.org/), but for the OEM code pages in `code-pages.ts`. Any
 * other name (`OEM` where there is none, a damaged record, a newer daemon) reads as UTF-8: no line is ever kept back.
 */
export function encodingOf(name: LogEncoding | undefined): Encoding {
  if (name === undefined || name === "UTF-8") return utf8;
  const upper = (codePages as Partial<Record<string, string>>)[name];
  if (upper !== undefined) return { unit: 1, decoder: () => (bytes) => decodeCodePage(upper, bytes) };
  if (!isKnown(name)) return utf8;
  return {
    unit: name === "UTF-16LE" ? 2 : 1,
    decoder: (isStart) => {
      const decoder = new TextDecoder(name, { ignoreBOM: !isStart });
      return (bytes, options) => decoder.decode(bytes, options);
    },
  };
}

const utf8: Encoding = { unit: 1 };

function isKnown(name: string): boolean {
  try {
    return new TextDecoder(name).encoding !== "";
  } catch {
    return false;
  }
}
