/** C0 but blanks, DEL, C1, line separators, and what turns the direction of text around. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Words of somebody else (a program, a probe's answer) for a sentence of ours: in one line, with control characters as their escapes, and no longer than
 * `most` characters, none of them cut in two.
 */
export function oneLine(text: string, most: number): string {
  const line = text
    .slice(0, 2 * most)
    .trim()
    .replace(/\s*[\r\n\t]\s*/g, " ")
    .replace(CONTROL, (character) =>
      character < "\u0100"
        ? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`
        : `\\u${character.charCodeAt(0).toString(16)}`,
    );
  return line.length <= most ? line : `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
