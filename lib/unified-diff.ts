export interface Edit {
  op: " " | "-" | "+";
  line: string;
}

/** With more differences it does not look for the smallest set, but replaces the whole middle. Bounds time and memory. */
const MAX_DIFFERENCES = 1500;

/** The shortest way from `before` to `after`, line by line (Myers 1986, "An O(ND) difference algorithm"). */
export function editScript(before: readonly string[], after: readonly string[]): Edit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const middle = myers(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return [...keep(before.slice(0, start)), ...middle, ...keep(before.slice(before.length - end))];
}

const edits = (op: Edit["op"], lines: readonly string[]): Edit[] => lines.map((line) => ({ op, line }));
const keep = (lines: readonly string[]): Edit[] => edits(" ", lines);

function myers(a: readonly string[], b: readonly string[]): Edit[] {
  const limit = Math.min(a.length + b.length, MAX_DIFFERENCES);
  const offset = limit + 1;
  // furthest[k + offset]: how far along `a` one gets on diagonal k with the differences allowed so far.
  const furthest = new Int32Array(2 * limit + 3);
  const history: Int32Array[] = [];
  for (let differences = 0; differences <= limit; differences++) {
    history.push(furthest.slice(offset - differences - 1, offset + differences + 2));
    for (let k = -differences; k <= differences; k += 2) {
      const down = k === -differences || (k !== differences && furthest[offset + k - 1]! < furthest[offset + k + 1]!);
      let x = down ? furthest[offset + k + 1]! : furthest[offset + k - 1]! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest[offset + k] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, history);
    }
  }
  return [...edits("-", a), ...edits("+", b)];
}

/** `history[d]` holds diagonals -d-1 to d+1 as they were before step d. */
function walkBack(a: readonly string[], b: readonly string[], history: readonly Int32Array[]): Edit[] {
  const script: Edit[] = [];
  let x = a.length;
  let y = b.length;
  for (let differences = history.length - 1; differences >= 0; differences--) {
    const furthest = history[differences]!;
    const at = (k: number): number => furthest[k + differences + 1]!;
    const k = x - y;
    const down = k === -differences || (k !== differences && at(k - 1) < at(k + 1));
    const fromX = differences === 0 ? 0 : at(down ? k + 1 : k - 1);
    // The lines in common follow the one insertion or deletion before them.
    const afterStep = differences === 0 ? 0 : fromX + (down ? 0 : 1);
    for (; x > afterStep; y--) script.push({ op: " ", line: a[--x]! });
    if (differences === 0) break;
    if (down) script.push({ op: "+", line: b[--y]! });
    else script.push({ op: "-", line: a[--x]! });
  }
  return script.reverse();
}

/** A unified diff as `diff -u` prints it, without the lines for the files' names; empty when nothing differs. */
export function unifiedDiff(before: readonly string[], after: readonly string[], context = 3): string[] {
  const script = editScript(before, after);
  const near = script.map((_, index) =>
    script.slice(Math.max(0, index - context), index + context + 1).some(({ op }) => op !== " "),
  );
  const lines: string[] = [];
  const done = { before: 0, after: 0 };
  for (let index = 0; index < script.length; ) {
    let end = index;
    while (end < script.length && near[end] === near[index]) end++;
    const hunk = script.slice(index, end);
    const size = { before: count(hunk, "+"), after: count(hunk, "-") };
    if (near[index]) {
      lines.push(`@@ -${range(done.before, size.before)} +${range(done.after, size.after)} @@`);
      for (const { op, line } of hunk) lines.push(op + line);
    }
    done.before += size.before;
    done.after += size.after;
    index = end;
  }
  return lines;
}

const count = (hunk: readonly Edit[], without: Edit["op"]): number => hunk.filter(({ op }) => op !== without).length;

/** `first,count`. The count is left out when it is 1; an empty range is named by the line before it. */
const range = (skipped: number, size: number): string =>
  size === 1 ? String(skipped + 1) : `${size === 0 ? skipped : skipped + 1},${size}`;
