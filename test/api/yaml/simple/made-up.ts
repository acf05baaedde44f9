/** YAML that is made up: pieces in any order, and what slips of the hand make of a good text. */
import type { Dice } from "../../../fuzz/dice.ts";

/** Words, marks and spaces, so that by chance something sensible comes of it. */
// biome-ignore format: a line for each would be two pages
const PIECES: readonly string[] = [
  "a", "b: ", "key:", "key: ", "- ", "-", "--", "\n", "\n", "\n  ", "\n    ", "\n- ", "\n  - ", "\n---\n", "---", "...", " ", "  ",
  "\t", ": ", ":", ",", ", ", "[", "]", "{", "}", "{}", "[]", '"', "'", '"x"', "'y'", "''", '\\"', "\\n", "\\u0041", "\\x41", "\\",
  "#", " # c", "\n# c\n", "|\n", "|-\n", "|+\n", ">\n", ">-\n", "|", ">", "|2\n", "? ", "?", "!", "!!str ", "&a ", "*a", "<<: ",
  "%YAML 1.2\n", "@", "`", "%", "1", "0", "-1", "-0", "007", "1e3", "1.5", ".5", "5.", "0x1f", "0o7", "1_000", "9007199254740993",
  ".inf", ".nan", "~", "null", "true", "False", "yes", "on", "\r\n", "\r", "é", "😀", "\ud800", "\u2028", "\u00a0", "/", "=", "1: ",
  "text with words", "x".repeat(90), "__proto__", "constructor", "items:\n- ", "2001-01-01", "12:30", "http://a:1/b", `\${X}`, `\\u0024{X}`,
];

export const pieces = (dice: Dice): string =>
  Array.from({ length: 1 + dice.below(14) }, () => dice.pick(PIECES)).join("");

/** The same text with a slip or three. */
export function spoiled(dice: Dice, text: string): string {
  let spoiled = text;
  for (let slips = 1 + dice.below(3); slips > 0; slips--) spoiled = slip(dice, spoiled);
  return spoiled;
}

function slip(dice: Dice, text: string): string {
  const at = dice.below(text.length + 1);
  const to = at + dice.below(4);
  return dice.weighted(
    [3, () => text.slice(0, at) + dice.pick(PIECES) + text.slice(at)],
    [2, () => text.slice(0, at) + text.slice(to)],
    [1, () => text.slice(0, to) + text.slice(at)],
    [1, () => shifted(dice, text)],
  );
}

/** A line stands in another column. */
function shifted(dice: Dice, text: string): string {
  const lines = text.split("\n");
  const at = dice.below(lines.length);
  const line = lines[at] ?? "";
  return lines.with(at, dice.chance(0.5) ? ` ${line}` : line.slice(1)).join("\n");
}
