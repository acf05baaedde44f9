import { type Paint, unpainted } from "./colour.ts";
import { plain } from "./plain.ts";
import { inTone, type Tone } from "./tone.ts";

/** A label with its value, or with a block of lines; without a value nothing is printed. `tone`: what the value says of how things are. */
export type Entry = readonly [
  label: string,
  value: string | number | boolean | readonly string[] | undefined,
  tone?: Tone | undefined,
];

const INDENT = "  ";

/** `Label:   value` lines with all values in one column, as `kubectl describe` prints them. Blocks stand indented below their label; absent values are left out. */
export function labelledLines(entries: readonly Entry[], paint: Paint = unpainted): string[] {
  const present = entries.filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0));
  const width = Math.max(0, ...present.map(([label, value]) => (Array.isArray(value) ? 0 : label.length + 1)));
  return present.flatMap(([label, value, tone]) => {
    if (Array.isArray(value)) return [`${label}:`, ...indented(value)];
    const [first = "", ...more] = String(value).split("\n").map(plain);
    return [
      `${`${label}:`.padEnd(width)}  ${inTone(paint, tone, first)}`,
      ...more.map((text) => " ".repeat(width + 2) + text),
    ];
  });
}

export const indented = (lines: readonly string[]): string[] => lines.map((text) => INDENT + text);
