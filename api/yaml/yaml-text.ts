import { MAX_BODY_BYTES } from "../limits.ts";
import { ManifestError } from "../manifest-error.ts";

/** What no text file has: control characters beside tab and line ends, and byte order marks inside. */
const UNWANTED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufeff\ufffe\uffff]/;

const options = { fatal: true, ignoreBOM: true };
const utf8 = new TextDecoder("utf-8", options);
/** By its byte order mark: what Windows PowerShell's `>` and Notepad's "Unicode" write. */
const utf16 = [
  { mark: [0xff, 0xfe], name: "UTF-16LE", decoder: new TextDecoder("utf-16le", options) },
  { mark: [0xfe, 0xff], name: "UTF-16BE", decoder: new TextDecoder("utf-16be", options) },
];

/** The text of a file without its byte order mark, once its size and characters are known to be acceptable. */
export function yamlText(source: string | Uint8Array, file: string): string {
  const start = { file, document: 1, line: 1, column: 1 };
  const size = typeof source === "string" ? Buffer.byteLength(source) : source.byteLength;
  if (size > MAX_BODY_BYTES) {
    throw new ManifestError(start, `the file has ${size} bytes, at most ${MAX_BODY_BYTES} are read; split it`);
  }
  const marked = typeof source === "string" ? source : decodeText(source, file);
  const text = marked.startsWith("\ufeff") ? marked.slice(1) : marked;
  const at = text.search(UNWANTED);
  if (at < 0) return text;
  const before = text.slice(0, at);
  const place = { ...start, line: before.split("\n").length, column: at - before.lastIndexOf("\n") };
  throw new ManifestError(place, describe(text.charCodeAt(at)));
}

function describe(code: number): string {
  if (code === 0)
    return "a NUL character: is this file binary, or UTF-16 without a byte order mark? save it as UTF-8 text";
  if (code === 0xfeff) return "a byte order mark inside the file: remove it (it may stand only at the start)";
  const name = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return `the control character ${name}: remove it, or write it as an escape in double quotes`;
}

/** UTF-8, or UTF-16 that begins with a byte order mark; the mark stays. Throws a ManifestError. */
export function decodeText(bytes: Uint8Array, file: string): string {
  const marked = utf16.find(({ mark }) => mark.every((byte, at) => bytes[at] === byte));
  const { name, decoder } = marked ?? { name: "UTF-8", decoder: utf8 };
  try {
    return decoder.decode(bytes);
  } catch {
    const place = { file, document: 1, line: 1, column: 1 };
    throw new ManifestError(place, `the file is not valid ${name}: save it as UTF-8`);
  }
}
