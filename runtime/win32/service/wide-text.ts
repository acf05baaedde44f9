/** The text in UTF-16 with a NUL at its end, as the structures of Windows point to it. */
export const wide = (text: string): Buffer => Buffer.from(`${text}\0`, "utf16le");

/** A REG_MULTI_SZ: each text with its NUL, and one more NUL at the end. */
export const wideList = (texts: readonly string[]): Buffer =>
  Buffer.from(`${texts.map((text) => `${text}\0`).join("")}\0`, "utf16le");
