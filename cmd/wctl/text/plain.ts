/** C0 (but tab and newline), DEL and C1: what could move the cursor, recolour or rename a terminal. */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Foreign text for a table cell or a description line: ESC as `^[`, other control characters as their escapes. */
export const plain = (text: string): string =>
  text.replace(CONTROL, (character) =>
    character === "\x1b"
      ? "^["
      : character === "\r"
        ? "\\r"
        : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
