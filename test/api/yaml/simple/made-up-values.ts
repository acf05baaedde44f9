import type { Dice } from "../../../fuzz/dice.ts";
import { pieces } from "./made-up.ts";

/** A value as JSON can hold it; its texts are hard to write as YAML. */
export function made(dice: Dice, depth = 0): unknown {
  if (depth === 0) return dice.chance(0.8) ? map(dice, 1) : list(dice, 1);
  const open = depth > 4 ? 0 : 1;
  return dice.weighted<unknown>(
    [6, () => text(dice)],
    [1, () => dice.pick([0, 1, -1, 1.5, 1e21, 1e-7, 2 ** 53, 0.1])],
    [1, () => dice.pick([true, false, null, "", undefined])],
    [2 * open, () => map(dice, depth + 1)],
    [2 * open, () => list(dice, depth + 1)],
  );
}

const map = (dice: Dice, depth: number): object =>
  Object.fromEntries(Array.from({ length: dice.below(4) }, () => [key(dice), made(dice, depth)]));

const list = (dice: Dice, depth: number): unknown[] =>
  Array.from({ length: dice.below(4) }, () => made(dice, depth) ?? null);

const key = (dice: Dice): string => (dice.chance(0.7) ? dice.pick(["a", "b", "1", "y", "a b", "é", "B"]) : text(dice));

// biome-ignore format: a line for each would be a page
const WORDS = [
  "word", "web-1", "10m", "1e5", "e5", "0x1f", "0b1", "1_0", "12:30", "12:30.5", "2026-01-02", "2026-01-02T03:04:05Z", "2026-1-2 3:4:5 +01",
  "yes", "No", "oFF", "null", "~", "<<", ".", "-.", "1.", ".5", "1.2.3", "-", "?", "- a", "-a", "a: b", "a:b", "a:", ":", "a #b", "a#b", "'", '"', `'"`,
  "a ", " a", "a\tb", "a\n", "a\nb", "a\n\nb\n", "a\n  b", "a\n\n", "\na", "[a]\nb = 1\n", "---", "--- a", "...", "%a", "@a", "a\\nb", "é\u00a0", "=",
];

function text(dice: Dice): string {
  const part = (): string => (dice.chance(0.8) ? dice.pick(WORDS) : pieces(dice));
  return dice.chance(0.7) ? part() : part() + dice.pick(["", " ", "\n", ".", ":"]) + part();
}
