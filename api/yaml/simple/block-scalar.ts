import { GREATER, TAB } from "./characters.ts";
import type { Lines } from "./lines.ts";
import { unsure } from "./unsure.ts";

/** The text of a `|` or `>` at `lines.at`; its lines are indented deeper than `parent`. Leaves `lines` at what follows. */
export function blockScalar(lines: Lines, parent: number): string {
  const { text, at } = lines;
  const isFolded = text.charCodeAt(at) === GREATER;
  const second = text.charAt(at + 1);
  const chomp = second === "-" || second === "+" ? second : "";
  const after = at + 1 + chomp.length;
  const rest = lines.skipSpaces(after);
  if (rest === after ? rest < lines.end : !lines.isRest(rest)) throw unsure;
  const all = ownLines(lines, parent);
  const count = all.findLastIndex((line) => line !== "") + 1;
  // Nothing but empty lines: how many there are decides in strange ways.
  if (count === 0) throw unsure;
  const content = all.slice(0, count);
  const value = isFolded ? folded(content) : content.join("\n");
  if (chomp === "-") return value;
  return chomp === "" ? `${value}\n` : `${value}\n${"\n".repeat(all.length - count)}`;
}

/** Without the indentation that the first of them has. Leaves `lines` at what follows. */
function ownLines(lines: Lines, parent: number): string[] {
  const all: string[] = [];
  let indent = 0;
  while (lines.any()) {
    const { text, start, at, end, column } = lines;
    if (at === end) {
      // Behind the text each is a word of its own for the library.
      lines.spend(2);
      // More spaces than the text is indented by are part of it, or an error.
      if (column > indent) throw unsure;
      // The file may end in spaces, without a line end.
      if (end < text.length) all.push("");
      continue;
    }
    if (indent === 0) {
      if (column <= parent || column === 0 || text.charCodeAt(at) === TAB) throw unsure;
      indent = column;
    }
    if (column < indent) {
      if (column > parent || text.charCodeAt(at) === TAB) throw unsure;
      lines.stay();
      return all;
    }
    all.push(text.slice(start + indent, end));
  }
  lines.next();
  return all;
}

/** Lines of a paragraph become one; a line that is indented deeper stays as it is, with the line ends around it. */
function folded(lines: readonly string[]): string {
  let value = "";
  let between = "";
  let wasDeeper = false;
  for (const line of lines) {
    if (line === "") {
      if (between === "\n") value += "\n";
      else between = "\n";
    } else if (line.startsWith(" ") || line.startsWith("\t")) {
      if (between === " ") between = "\n";
      else if (!wasDeeper && between === "\n") between = "\n\n";
      value += between + line;
      between = "\n";
      wasDeeper = true;
    } else {
      value += between + line;
      between = " ";
      wasDeeper = false;
    }
  }
  return value;
}
