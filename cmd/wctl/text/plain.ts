/**
 * C0 (but tab and newline), DEL and C1: what could move the cursor, recolour or rename a terminal. Line separators, and what turns the direction of text
 * around: what follows would look like words of ours.
 */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** Foreign text for a table cell or a description line: ESC as `^[`, other control characters as their escapes. */
export const plain = (text: string): string =>
  text.replace(CONTROL, (character) =>
    character === "\x1b"
      ? "^["
      : character === "\r"
        ? "\\r"
        : character < "\u0100"
          ? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`
          : `\\u${character.charCodeAt(0).toString(16)}`,
  );

/** The same in one line: a sentence of ours goes on after it, and what a program says must not look like a line of ours. */
export const plainLine = (text: string): string => plain(text.trim().replace(/\s*\n\s*/g, " "));
