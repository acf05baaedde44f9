import type { Path, StoreEvent } from "../store.ts";
import { History, type HistoryBudget, type HistoryEntry } from "./history.ts";

/** Enough for five minutes of a thousand crash loops, and so little that the next start reads it in well under a second. */
export const defaultBudget: HistoryBudget = { ageMs: 300_000, count: 1_000, bytes: 16 * 1024 * 1024 };

/** Paths below `prefix` have a history of their own. */
export interface SeparateHistory {
  prefix: Path;
  budget: HistoryBudget;
}

interface Part {
  prefix: Path;
  history: History;
}

/**
 * The main history, and a history of its own for each part that is kept apart: a flood in one does not push out another. Only the main history
 * lasts over a restart, because the file keeps only one revision up to which it was compacted.
 */
export class Histories {
  readonly #main: History;
  readonly #apart: readonly Part[];
  /** Events of the parts that do not last, which the disk still holds. */
  readonly #left: StoreEvent[];

  /** `remembered`: the events that were recovered, up to `revision`. */
  constructor(
    budget: HistoryBudget,
    apart: readonly SeparateHistory[],
    { compacted, revision, remembered }: { compacted: number; revision: number; remembered: readonly HistoryEntry[] },
  ) {
    const isApart = ({ event }: HistoryEntry): boolean => apart.some(({ prefix }) => event.path.startsWith(prefix));
    const lasts = (one: HistoryEntry): boolean => !isApart(one) && one.event.revision > compacted;
    this.#main = new History(budget, compacted, remembered.filter(lasts));
    this.#apart = apart.map(({ prefix, budget }) => ({ prefix, history: new History(budget, revision) }));
    this.#left = remembered.filter((one) => !lasts(one)).map(({ event }) => event);
  }

  /** Of the main history. */
  get compacted(): number {
    return this.#main.compacted;
  }

  /** Bytes of JSON in all histories. */
  get bytes(): number {
    return this.#all.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The histories have every event below `prefix` after this revision. */
  compactedBelow(prefix: Path): number {
    return Math.max(...this.#touching(prefix).map((history) => history.compactedBelow(prefix)));
  }

  push(one: HistoryEntry): void {
    (this.#partOf(one.event.path)?.history ?? this.#main).push(one);
  }

  /** In revision order. */
  after(prefix: Path, revision: number): StoreEvent[] {
    const found = this.#touching(prefix).map((history) => history.after(revision));
    const events = found.length === 1 ? found[0]! : found.flat().sort((one, other) => one.revision - other.revision);
    return events.filter(({ path }) => path.startsWith(prefix));
  }

  /** Takes out the events beyond the budgets, and returns them. */
  trim(now: number): StoreEvent[] {
    return [...this.#left.splice(0), ...this.#all.flatMap((history) => history.trim(now))];
  }

  compact(revision: number): StoreEvent[] {
    return this.#all.flatMap((history) => history.compact(revision));
  }

  get #all(): History[] {
    return [this.#main, ...this.#apart.map(({ history }) => history)];
  }

  #partOf(path: Path): Part | undefined {
    return this.#apart.find(({ prefix }) => path.startsWith(prefix));
  }

  /** The histories that may hold an event below `prefix`. */
  #touching(prefix: Path): History[] {
    const whole = this.#partOf(prefix);
    if (whole) return [whole.history];
    const parts = this.#apart.filter((part) => part.prefix.startsWith(prefix));
    return [this.#main, ...parts.map(({ history }) => history)];
  }
}
