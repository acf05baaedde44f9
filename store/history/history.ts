import { lowerBound } from "../../lib/lower-bound.ts";
import type { Path, StoreEvent } from "../store.ts";
import { Forgotten } from "./forgotten.ts";

/** A history keeps the events younger than `ageMs`, and the newest `count` however old they are; but never more than `bytes`. */
export interface HistoryBudget {
  ageMs: number;
  count: number;
  /** Of JSON. It bounds memory, the file, and how long the next start reads. */
  bytes: number;
}

/** An event, what it costs to keep, and when it happened (monotonic). */
export interface HistoryEntry {
  event: StoreEvent;
  bytes: number;
  at: number;
}

/**
 * The newest events, oldest first. Watches resume from them, and lists at an older revision are made of them. It forgets in groups of an eighth of
 * `count` or `bytes`: in memory that is one move of the array, on disk they are neighbouring rows.
 */
export class History {
  readonly #budget: HistoryBudget;
  readonly #remembered: HistoryEntry[];
  readonly #forgotten: Forgotten;
  #bytes: number;
  #compacted: number;

  /** `remembered` are all after `compacted`, in order. */
  constructor(budget: HistoryBudget, compacted: number, remembered: HistoryEntry[] = []) {
    this.#budget = budget;
    this.#compacted = compacted;
    this.#forgotten = new Forgotten(compacted);
    this.#remembered = remembered;
    this.#bytes = sumOf(remembered);
  }

  /** It has every event after this revision, and none up to it. */
  get compacted(): number {
    return this.#compacted;
  }

  /** It has every event below `prefix` after this revision. */
  compactedBelow(prefix: Path): number {
    return this.#forgotten.below(prefix);
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(one: HistoryEntry): void {
    this.#remembered.push(one);
    this.#bytes += one.bytes;
  }

  after(revision: number): StoreEvent[] {
    return this.#remembered.slice(this.#firstAfter(revision)).map(({ event }) => event);
  }

  /** Takes out the events beyond the budget, and returns them. The newest event stays, whatever it costs. */
  trim(now: number): StoreEvent[] {
    return this.#forget(Math.max(this.#tooOld(now), this.#tooMuch()));
  }

  /** Takes out every event up to and including `revision`, and returns them. */
  compact(revision: number): StoreEvent[] {
    const forgotten = this.#forget(this.#firstAfter(revision));
    this.#forgotten.all(revision);
    this.#compacted = Math.max(this.#compacted, revision);
    return forgotten;
  }

  #tooOld(now: number): number {
    const { ageMs, count } = this.#budget;
    const length = this.#remembered.length;
    if (length <= count + (count >>> 3)) return 0;
    const old = lowerBound(length, (at) => (this.#remembered[at] as HistoryEntry).at > now - ageMs);
    const beyond = Math.min(old, length - count);
    return beyond > count >>> 3 ? beyond : 0;
  }

  #tooMuch(): number {
    const { bytes } = this.#budget;
    if (this.#bytes <= bytes) return 0;
    let left = this.#bytes;
    let index = 0;
    for (; index < this.#remembered.length - 1 && left > bytes - (bytes >>> 3); index++) {
      left -= (this.#remembered[index] as HistoryEntry).bytes;
    }
    return index;
  }

  #forget(count: number): StoreEvent[] {
    if (count === 0) return [];
    const forgotten = this.#remembered.splice(0, count);
    const events = forgotten.map(({ event }) => event);
    this.#bytes -= sumOf(forgotten);
    this.#forgotten.add(events);
    this.#compacted = events.at(-1)?.revision ?? this.#compacted;
    return events;
  }

  #firstAfter(revision: number): number {
    return lowerBound(
      this.#remembered.length,
      (at) => (this.#remembered[at] as HistoryEntry).event.revision > revision,
    );
  }
}

const sumOf = (all: readonly HistoryEntry[]): number => all.reduce((sum, { bytes }) => sum + bytes, 0);
