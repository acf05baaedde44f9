import { timestamp } from "../api/conditions.ts";
import type { KubeObject, Stored } from "../api/object.ts";

/** One thing that is to be said about an Object. */
export interface Note {
  about: Stored<KubeObject>;
  type: "Normal" | "Warning";
  reason: string;
  message: string;
  at: Date;
}

/** The Event on the API that stands for all equal Notes so far. */
export interface Series {
  /** Absent until it was created. */
  name?: string;
  count: number;
  firstTimestamp: string;
  lastTimestamp: string;
  message: string;
}

interface Bucket {
  tokens: number;
  refilledMs: number;
}

interface Variety {
  messages: Set<string>;
  sinceMs: number;
}

const BURST = 25;
const REFILL_MS = 300_000;
const SIMILAR_LIMIT = 10;
const SIMILAR_WINDOW_MS = 600_000;
const REMEMBERED = 4096;

/**
 * What client-go's EventCorrelator does, with its numbers: of one Object at most 25 Notes at once and one more per 5 minutes
 * (changes of a known Event included); more than 10 different messages for one reason within 10 minutes become one; equal ones are counted.
 * Remembers the 4096 most recent of each (P19).
 */
export class EventCorrelator {
  readonly #buckets = new Recent<Bucket>(REMEMBERED);
  readonly #varieties = new Recent<Variety>(REMEMBERED);
  readonly #series = new Recent<Series>(REMEMBERED);

  /** `nowMs` is monotonic. Undefined: too much was said about this Object already. */
  correlate(note: Note, nowMs: number): Series | undefined {
    if (!this.#takeToken(note.about.metadata.uid, nowMs)) return undefined;
    const message = this.#combine(note, nowMs);
    const combined = message !== note.message;
    const id = JSON.stringify([...subject(note), combined ? "" : message]);
    const at = timestamp(note.at);
    const series = this.#series.touch(id, () => ({ count: 0, firstTimestamp: at, lastTimestamp: at, message }));
    series.count += 1;
    series.lastTimestamp = at;
    series.message = message;
    return series;
  }

  #takeToken(uid: string, nowMs: number): boolean {
    const bucket = this.#buckets.touch(uid, () => ({ tokens: BURST, refilledMs: nowMs }));
    bucket.tokens = Math.min(BURST, bucket.tokens + (nowMs - bucket.refilledMs) / REFILL_MS);
    bucket.refilledMs = nowMs;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #combine(note: Note, nowMs: number): string {
    const id = JSON.stringify(subject(note));
    const variety = this.#varieties.touch(id, () => ({ messages: new Set(), sinceMs: nowMs }));
    if (nowMs - variety.sinceMs > SIMILAR_WINDOW_MS) {
      variety.messages.clear();
      variety.sinceMs = nowMs;
    }
    if (variety.messages.has(note.message)) return note.message;
    if (variety.messages.size >= SIMILAR_LIMIT) return `(combined from similar events): ${note.message}`;
    variety.messages.add(note.message);
    return note.message;
  }
}

const subject = ({ about, type, reason }: Note): string[] => [about.metadata.uid, type, reason];

/** The most recently used entries. */
class Recent<V> {
  readonly #entries = new Map<string, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  touch(id: string, make: () => V): V {
    const value = this.#entries.get(id) ?? make();
    this.#entries.delete(id);
    this.#entries.set(id, value);
    if (this.#entries.size > this.#limit) this.#entries.delete(this.#entries.keys().next().value!);
    return value;
  }
}
