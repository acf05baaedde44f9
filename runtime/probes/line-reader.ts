/** So many characters of a line are kept; the rest of it is passed over. */
const LONGEST = 64 * 1024;

/** Reads lines that end in LF or CRLF from pieces of any size. Takes bytes for characters (latin1). */
export class LineReader {
  #pieces: Buffer[] = [];
  #length = 0;

  /** The next line without its end, when `bytes` complete it, and what comes after it. */
  take(bytes: Buffer): { line?: string; rest: Buffer } {
    const at = bytes.indexOf(0x0a);
    const piece = bytes.subarray(0, at < 0 ? bytes.length : at);
    const room = Math.max(0, LONGEST - this.#length);
    if (room > 0 && piece.length > 0) this.#pieces.push(piece.subarray(0, room));
    this.#length += piece.length;
    if (at < 0) return { rest: bytes.subarray(bytes.length) };
    const text = Buffer.concat(this.#pieces).toString("latin1");
    this.#pieces = [];
    this.#length = 0;
    return { line: text.endsWith("\r") ? text.slice(0, -1) : text, rest: bytes.subarray(at + 1) };
  }
}
