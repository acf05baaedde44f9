import { timestamp } from "../api/conditions.ts";
import type { KubeObject, Stored } from "../api/object.ts";
import type { Clock } from "../lib/clock.ts";
import { TokenBucket } from "../lib/token-bucket.ts";

/** Something that happened to an Object, before it is an Event. */
export interface Note {
  about: Stored<KubeObject>;
  type: "Normal" | "Warning";
  reason: string;
  message: string;
  /** Of the Event; of equal ones, those of the last. */
  annotations?: Readonly<Record<string, string>> | undefined;
  at: Date;
}

/** The Event on the API into which equal Notes are counted. */
export interface Series {
  /** Absent until it was created. */
  name?: string;
  count: number;
  firstTimestamp: string;
  lastTimestamp: string;
  message: string;
}

interface Variety {
  messages: Set<string>;
  sinceMs: number;
}

const RATE = { burst: 25, refillMs: 300_000 };
const SIMILAR_LIMIT = 10;
const SIMILAR_WINDOW_MS = 600_000;
const REMEMBERED = 4096;

/**
 * What client-go's EventCorrelator does, with its numbers. An Object may have 25 Notes at once and one more per 5 minutes (counting changes of a known
 * Event). More than 10 different messages for one reason within 10 minutes become one Event, and equal ones are counted. It remembers the 4096 most
 * recent of each (P19).
 */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #buckets = new Recent<TokenBucket>(REMEMBERED);
  readonly #varieties = new Recent<Variety>(REMEMBERED);
  readonly #series = new Recent<Series>(REMEMBERED);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined when this Object has had too many Events already. */
  correlate(note: Note): Series | undefined {
    const bucket = this.#buckets.touch(note.about.metadata.uid, () => new TokenBucket(this.#clock, RATE));
    if (!bucket.tryTake()) return undefined;
    const message = this.#combine(note);
    const combined = message !== note.message;
    const id = JSON.stringify([...subject(note), combined ? "" : message]);
    const at = timestamp(note.at);
    const series = this.#series.touch(id, () => ({ count: 0, firstTimestamp: at, lastTimestamp: at, message }));
    series.count += 1;
    series.lastTimestamp = at;
    series.message = message;
    return series;
  }

  #combine(note: Note): string {
    const nowMs = this.#clock.now();
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
