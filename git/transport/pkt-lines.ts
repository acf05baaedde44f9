/** Git's lines: four hexadecimal digits with the length of line and digits, or 0000 (flush) at the end of a section. */
export const FLUSH = "0000";
const DIGITS = 4;
const LENGTH = /^[0-9a-f]{4}$/i;

export const pktLine = (text: string): string => (text.length + DIGITS).toString(16).padStart(DIGITS, "0") + text;

export interface Section {
  lines: Buffer[];
  /** What was read, up to where `rest` begins. */
  raw: Buffer;
  rest: Buffer;
  isEnd: boolean;
}

/** The whole lines at the beginning of `bytes`, up to a flush. Undefined: these are no such lines. */
export function readSection(bytes: Buffer): Section | undefined {
  const lines: Buffer[] = [];
  for (let at = 0; ; ) {
    const digits = bytes.toString("latin1", at, at + DIGITS);
    const length = Number.parseInt(digits, 16);
    const isWhole = digits.length === DIGITS;
    if (isWhole && (!LENGTH.test(digits) || (length > 0 && length < DIGITS))) return undefined;
    if (digits === FLUSH) {
      const end = at + DIGITS;
      return { lines, raw: bytes.subarray(0, end), rest: bytes.subarray(end), isEnd: true };
    }
    if (!isWhole || at + length > bytes.length) {
      return { lines, raw: bytes.subarray(0, at), rest: bytes.subarray(at), isEnd: false };
    }
    lines.push(bytes.subarray(at + DIGITS, at + length));
    at += length;
  }
}
