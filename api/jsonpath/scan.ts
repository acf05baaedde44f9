import type { Comparison } from "./steps.ts";

/** Index of the quote that closes the one at `start`, or the end of the text. */
export function endOfQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === text[start]) return at;
  }
  return text.length;
}

/** At commas outside quotes and brackets. */
export function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "'" || char === '"') at = endOfQuote(text, at);
    else if (char === "[" || char === "(") depth++;
    else if (char === "]" || char === ")") depth--;
    else if (char === "," && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

const COMPARISONS = ["==", "!=", "<=", ">=", "<", ">"] as const;

/** The first comparison outside quotes and brackets. */
export function findComparison(text: string): { at: number; compare?: Comparison } {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "\\") at++;
    else if (char === "'" || char === '"') at = endOfQuote(text, at);
    else if (char === "[" || char === "(") depth++;
    else if (char === "]" || char === ")") depth--;
    else if (depth === 0) {
      const compare = COMPARISONS.find((one) => text.startsWith(one, at));
      if (compare) return { at, compare };
    }
  }
  return { at: text.length };
}
