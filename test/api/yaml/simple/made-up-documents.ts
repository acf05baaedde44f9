/** Documents of maps, lists and scalars, in the styles that people and programs write them in. */
import type { Dice } from "../../../fuzz/dice.ts";

export function madeUpFile(dice: Dice): string {
  const between = dice.pick(["---\n", "---\n", "\n---\n", "--- # c\n", "...\n"]);
  const text = Array.from({ length: 1 + dice.below(3) }, () => madeUpDocument(dice)).join(between);
  return dice.chance(0.1) ? text.replaceAll("\n", "\r\n") : text;
}

export function madeUpDocument(dice: Dice): string {
  const before = `${dice.chance(0.2) ? "---\n" : ""}${dice.chance(0.1) ? "# a comment\n" : ""}`;
  return (
    before +
    dice.weighted([8, () => map(dice, 0, 0)], [1, () => list(dice, 0, 0)], [1, () => `${bracketed(dice, 0)}\n`])
  );
}

const DEEPEST = 4;

function map(dice: Dice, depth: number, column: number): string {
  const members = Array.from({ length: 1 + dice.below(3) }, (_, n) => {
    const before = dice.weighted([20, () => ""], [1, () => "\n"], [1, () => `${" ".repeat(dice.below(9))}# c: d\n`]);
    return `${before}${" ".repeat(column)}${key(dice, n)}:${member(dice, depth + 1, column)}`;
  });
  return members.join("");
}

// biome-ignore format: a line for each would be a page
const KEYS = ["name", "spec", "app.kubernetes.io/x", "1", "a b", "-x", "true", "é", "x:y", "metadata", "items", "=", "null", "a#", "http://x"];

/** No two of one map are the same. */
function key(dice: Dice, n: number): string {
  const word = dice.pick(KEYS);
  return dice.pick([`${word}${n}`, `${word}${n}`, `"${word}${n}"`, `'${word}${n}'`, n === 0 ? word : `${n}`]);
}

function list(dice: Dice, depth: number, column: number): string {
  const indent = " ".repeat(column);
  const item = (): string => {
    const space = dice.pick([" ", " ", "   "]);
    const inner = column + 1 + space.length;
    if (depth > DEEPEST || dice.chance(0.6)) return `${indent}-${member(dice, DEEPEST + 1, column, space)}`;
    const collection = dice.chance(0.7) ? map(dice, depth + 1, inner) : list(dice, depth + 1, inner);
    return dice.chance(0.1) ? `${indent}-\n${collection}` : `${indent}-${space}${collection.slice(inner)}`;
  };
  return Array.from({ length: 1 + dice.below(3) }, item).join("");
}

/** What stands behind a colon or dash, with its line end. */
function member(dice: Dice, depth: number, column: number, space = " "): string {
  const end = dice.weighted([12, () => "\n"], [1, () => " # why\n"], [1, () => "  \n"]);
  const inner = column + dice.pick([2, 2, 2, 4, 1]);
  const open = depth > DEEPEST ? 0 : 1;
  return dice.weighted(
    [6, () => `${space}${dice.pick(SCALARS)}${end}`],
    [1, () => `${space}${bracketed(dice, 0)}${end}`],
    [1, () => `${space}${blockScalar(dice, inner)}`],
    [0.5, () => `${space}${onMoreLines(dice, " ".repeat(inner))}${end}`],
    [0.3, () => end],
    [3 * open, () => `${end}${map(dice, depth, inner)}`],
    [2 * open, () => `${end}${list(dice, depth, dice.pick([column, inner]))}`],
  );
}

// biome-ignore format: a line for each would be a page
const SCALARS = [
  "word", "two words", "web-1", "a:b", "/bin/sh", "-c", "1", "0", "-7", "1.50", "1e3", "0x1F", "true", "null", "~", "Yes", "10m", "1.2.3",
  '"double"', '"esc \\" \\n \\t \\\\ \\u00e9"', "'single'", "'it''s'", '""', "''", '"8080"', "http://x:80/#a", "a #b", "a# b", "*", "é😀",
  "2024-01-01T00:00:00Z", `\${NAME}`, "x, y", "a {b}", "[x", "12:30", "-", "- x", "? y", ".5", "+1", '"\\x41\\/"', "!!str 1", "&a b", "a\tb",
];

function onMoreLines(dice: Dice, indent: string): string {
  const quote = dice.pick(["", "'", '"']);
  const lines = Array.from({ length: 1 + dice.below(3) }, () =>
    dice.pick(["", `${indent}and on`, `${indent}  deeper`, "out"]),
  );
  return `${quote}${[dice.pick(["some words", "word ", ""]), ...lines, `${indent}to the end`].join("\n")}${quote}`;
}

/** In `{}` or `[]`. */
function bracketed(dice: Dice, depth: number): string {
  const between = dice.pick([", ", ",", ",\n      ", " , "]);
  const edge = dice.pick(["", "", " ", "\n        "]);
  const value = (): string => (depth > 3 || dice.chance(0.6) ? dice.pick(IN_BRACKETS) : bracketed(dice, depth + 1));
  const many = (make: (n: number) => string): string =>
    edge + Array.from({ length: dice.below(4) }, (_, n) => make(n)).join(between) + edge;
  if (dice.chance(0.5)) return `[${many(value)}]`;
  return `{${many((n) => dice.pick([`k${n}`, `"k${n}"`, `'k${n}'`]) + dice.pick([": ", ": ", ":"]) + value())}}`;
}

// biome-ignore format: a line for each would be a page
const IN_BRACKETS = [
  "word", "1", "-1", "true", "null", '"q"', "'s'", '"a, b"', "two words", "--flag", "a:b", "-c", "x#y", '"\\u00e9"', "", "é", "a: b", "-", "x # y",
];

function blockScalar(dice: Dice, column: number): string {
  const indent = " ".repeat(column);
  // biome-ignore format: a line for each would be a page
  const line = (): string =>
    indent + dice.pick(["text", "more: text # x", "  deeper", "", " ", "- x", "\ttab", "---", "\\"]);
  const other = (): string => dice.pick(["", "", ` ${indent.slice(2)}out`, "# c", "  "]);
  const lines = Array.from({ length: dice.below(6) }, () => (dice.chance(0.8) ? line() : other()));
  const header = dice.pick(["|", "|", "|-", "|+", ">", ">-", ">+", "|2", "| # c", ">- "]);
  return `${header}\n${[dice.chance(0.9) ? `${indent}first` : "", ...lines].join("\n")}\n`;
}
