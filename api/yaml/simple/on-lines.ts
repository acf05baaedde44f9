/** Scalars that go on in the next lines, which are indented deeper than `parent`. A line end becomes a space, and several become one less. */
import { HASH } from "./characters.ts";
import type { Lines } from "./lines.ts";
import { plainText, scanPlain } from "./plain-scalar.ts";
import { closingQuote, unescaped } from "./quoted-scalar.ts";
import { unsure } from "./unsure.ts";

/** A plain scalar whose first line is `first`. Leaves `lines` at the line that follows. */
export function plainOnLines(lines: Lines, parent: number, first: string): string {
  let value = first;
  let breaks = 1;
  while (lines.any()) {
    const { text, at, end, column } = lines;
    if (at === end) {
      lines.spend(2);
      breaks++;
      continue;
    }
    if (column <= parent || text.charCodeAt(at) === HASH) {
      lines.stay();
      if (lines.column > parent) throw unsure;
      return value;
    }
    // A key, or a comment that only the library knows where to end.
    if (scanPlain(text, at, end, false) < end) throw unsure;
    value += between(breaks) + plainText(text, at, end);
    breaks = 1;
  }
  lines.next();
  return value;
}

/** The scalar whose opening quote is at `lines.at`. Leaves `lines` at the line that follows. */
export function quotedOnLines(lines: Lines, parent: number): string {
  const { text } = lines;
  const quote = text.charAt(lines.at);
  let value = "";
  let breaks = 0;
  for (let from = lines.at + 1; ; from = lines.at) {
    const close = closingQuote(text, from, lines.end, quote);
    const shown = close === undefined ? plainText(text, from, lines.end) : text.slice(from, close);
    if (shown.includes("\t")) throw unsure;
    if (shown !== "" || close !== undefined || breaks === 0) {
      value += between(breaks) + unescaped(shown, quote);
      breaks = 0;
    }
    if (close !== undefined) {
      lines.finish(close + 1);
      return value;
    }
    breaks++;
    if (!lines.any()) throw unsure;
    lines.spend(2);
    if (lines.at < lines.end && lines.column <= parent) throw unsure;
  }
}

const between = (breaks: number): string => (breaks > 1 ? "\n".repeat(breaks - 1) : " ".repeat(breaks));
