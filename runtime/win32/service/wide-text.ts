/** UTF-16 with its NUL, as Windows wants texts that a structure points to. */
export const wide = (text: string): Buffer => Buffer.from(`${text}\0`, "utf16le");

/** A REG_MULTI_SZ: each text with its NUL, and one more NUL at the end. */
export const wideList = (texts: readonly string[]): Buffer =>
  Buffer.from(`${texts.map((text) => `${text}\0`).join("")}\0`, "utf16le");
