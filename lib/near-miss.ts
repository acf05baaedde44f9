/** Longer words are no typing errors, and the distance costs the product of their lengths. */
const LONGEST = 64;

/** How many typing errors a word of this length may have and still be recognised. */
const tolerance = (length: number): number => (length < 6 ? 1 : length < 9 ? 2 : 3);

/** The candidate that `word` was probably meant to be; case alone is no difference. Undefined when nothing is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  let best: string | undefined;
  let bestSlips = tolerance(word.length) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestSlips) continue;
    const slips = levenshtein(word.toLowerCase(), candidate.toLowerCase());
    if (slips >= bestSlips || slips >= candidate.length) continue;
    best = candidate;
    bestSlips = slips;
  }
  return best;
}

/** ` (did you mean warn?)`, or nothing when no candidate is near. `prefix`: what stands before the word, as `--`. */
export function didYouMean(word: string, candidates: Iterable<string>, prefix = ""): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? "" : ` (did you mean ${prefix}${meant}?)`;
}

/**
 * The number of typing errors that turn `a` into `b`: one character added, removed or changed, or two neighbours swapped (the Levenshtein distance with
 * transpositions, "optimal string alignment"). Costs the product of the lengths.
 */
export function levenshtein(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const least = Math.min(at(row, j) + 1, at(next, j - 1) + 1, changed);
      next.push(swapped ? Math.min(least, at(before, j - 2) + 1) : least);
    }
    before = row;
    row = next;
  }
  return at(row, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? 0;
