import { plain } from "./plain.ts";

/** A named line, a named block of lines, or (without value) nothing. */
export type Entry = readonly [label: string, value: string | number | boolean | readonly string[] | undefined];

const INDENT = "  ";

/** `Label:   value` lines with the values in one column; blocks stand indented below their label; absent values are left out. */
export function sheet(entries: readonly Entry[]): string[] {
  const present = entries.filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0));
  const width = Math.max(0, ...present.map(([label, value]) => (Array.isArray(value) ? 0 : label.length + 1)));
  return present.flatMap(([label, value]) => {
    if (Array.isArray(value)) return [`${label}:`, ...indented(value)];
    const [first = "", ...more] = String(value).split("\n").map(plain);
    return [`${`${label}:`.padEnd(width)}  ${first}`, ...more.map((text) => " ".repeat(width + 2) + text)];
  });
}

export const indented = (lines: readonly string[]): string[] => lines.map((text) => INDENT + text);

/** Rows in columns two blanks apart, a line of dashes below the header, as in `kubectl describe`. */
export function ruledTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, header.map((word) => "-".repeat(word.length)), ...rows];
  const widths = header.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  return all.map((row) =>
    row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at]! + 2))).join(""),
  );
}
