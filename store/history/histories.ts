import type { Path, StoreEvent } from "../store.ts";
import { History, type HistoryBudget, type Remembered } from "./history.ts";

/** Enough for five minutes of a thousand crash loops, little enough that the next start reads it in well under a second. */
export const defaultBudget: HistoryBudget = { ageMs: 300_000, count: 1_000, bytes: 16 * 1024 * 1024 };

/** Paths below `prefix` have a history of their own. */
export interface Apart {
  prefix: Path;
  budget: HistoryBudget;
}

interface Part {
  prefix: Path;
  history: History;
}

/**
 * One history of everything but what is kept apart: a flood of the one makes nobody forget the other. Only the first lasts over a restart:
 * the file keeps one revision up to which it was compacted.
 */
export class Histories {
  readonly #main: History;
  readonly #apart: readonly Part[];
  /** What the disk still holds of parts that do not last. */
  readonly #left: StoreEvent[];

  /** `remembered` as they were recovered, up to `revision`. */
  constructor(
    budget: HistoryBudget,
    apart: readonly Apart[],
    { compacted, revision, remembered }: { compacted: number; revision: number; remembered: readonly Remembered[] },
  ) {
    const isApart = ({ event }: Remembered): boolean => apart.some(({ prefix }) => event.path.startsWith(prefix));
    const lasts = (one: Remembered): boolean => !isApart(one) && one.event.revision > compacted;
    this.#main = new History(budget, compacted, remembered.filter(lasts));
    this.#apart = apart.map(({ prefix, budget }) => ({ prefix, history: new History(budget, revision) }));
    this.#left = remembered.filter((one) => !lasts(one)).map(({ event }) => event);
  }

  /** Of the history that lasts. */
  get compacted(): number {
    return this.#main.compacted;
  }

  /** Of JSON, in all histories. */
  get bytes(): number {
    return this.#all.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Every event after this revision below `prefix` is here. */
  compactedBelow(prefix: Path): number {
    return Math.max(...this.#touching(prefix).map(({ compacted }) => compacted));
  }

  push(one: Remembered): void {
    (this.#partOf(one.event.path)?.history ?? this.#main).push(one);
  }

  /** In revision order. */
  after(prefix: Path, revision: number): StoreEvent[] {
    const found = this.#touching(prefix).map((history) => history.after(revision));
    const events = found.length === 1 ? found[0]! : found.flat().sort((one, other) => one.revision - other.revision);
    return events.filter(({ path }) => path.startsWith(prefix));
  }

  /** Takes out what the budgets do not hold, and returns it. */
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

  /** Those that may hold an event below `prefix`. */
  #touching(prefix: Path): History[] {
    const whole = this.#partOf(prefix);
    if (whole) return [whole.history];
    const parts = this.#apart.filter((part) => part.prefix.startsWith(prefix));
    return [this.#main, ...parts.map(({ history }) => history)];
  }
}
