/** One thing on the screen, in the order in which it came. */
export type Entry =
  /** A comment for the viewer; no program sees it. */
  | { kind: "comment"; text: string }
  | { kind: "command"; text: string }
  /** Printed by a program, `afterMs` after its start; any number of lines. */
  | { kind: "output"; text: string; afterMs: number };

/** A screen on which it was played, in characters. */
export interface Screen {
  columns: number;
  rows: number;
}

/** What appears on the screen at the same time, `at` milliseconds after the beginning. */
export interface Cue {
  at: number;
  kind: Entry["kind"];
  lines: string[];
  /** Of a command: as long as it takes to type it. */
  typingMs: number;
}

/** How fast somebody types, and how long others take to read. Output keeps the time that the program took. */
const TYPING_MS = 32;
const BEFORE_A_COMMAND_MS = 500;
const READING_A_LINE_MS = 200;
const LONGEST_PAUSE_MS = 2_800;

const BEFORE: Record<Entry["kind"], string> = { comment: "\n# ", command: "$ ", output: "" };

/** Entries -> when each is seen. What a program took is kept, what a person takes is made up. */
export function cuesOf(entries: readonly Entry[], { columns }: Screen): Cue[] {
  const cues: Cue[] = [];
  let now = 0;
  let started = 0;
  let unread = 0;
  for (const entry of entries) {
    const isOutput = entry.kind === "output";
    const lines = wrapped(`${BEFORE[entry.kind]}${entry.text}`, columns);
    if (!isOutput) {
      now += BEFORE_A_COMMAND_MS + Math.min(unread * READING_A_LINE_MS, LONGEST_PAUSE_MS);
      unread = 0;
    }
    const at = isOutput ? Math.max(now, started + entry.afterMs) : now;
    const typingMs = entry.kind === "command" ? entry.text.length * TYPING_MS : 0;
    cues.push({ at, kind: entry.kind, lines, typingMs });
    now = at + typingMs;
    if (!isOutput) started = now;
    unread += lines.length;
  }
  return cues;
}

/** As a terminal does it: in the middle of a word. */
function wrapped(text: string, columns: number): string[] {
  return text
    .trimEnd()
    .split("\n")
    .flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, "gu")) ?? [""]);
}
