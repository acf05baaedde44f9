import type { Clock } from "../../lib/clock.ts";

/** A stream that has something to send. */
interface Sender {
  send(): void;
}

/** Streams write for so long, then everybody else has a turn: a write has some of them to wait for, one at each step of its way. */
const SLICE_MS = 0.5;
/** A round that takes longer is a large one. */
const LARGE_MS = 2;
/** After a large round, in parts of the time that it took. */
const REST = 0.25;
/** However long it took: whoever waits must not wait for long. */
const LONGEST_REST_MS = 20;

/**
 * Who writes when, where one event goes to many streams. Whoever has something to send writes once in a round, in the order in which it came. After a small
 * round the next comes at once; a large one is followed by a rest, and what happens meanwhile leaves in one piece. So a thousand streams cost one write for
 * several events, nobody is left behind, and requests are answered in between.
 */
export class StreamTurns {
  readonly #clock: Clock;
  #round: Iterator<Sender> = new Set<Sender>().values();
  #next = new Set<Sender>();
  #isUnderWay = false;
  #beganAt: number;
  #nextAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beganAt = clock.now();
    this.#nextAt = this.#beganAt;
  }

  /** Calls `send` once, soon, however often it is added until then. */
  add(sender: Sender): void {
    this.#next.add(sender);
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    const waitMs = this.#nextAt - this.#clock.now();
    if (waitMs > 0) this.#clock.after(waitMs, () => this.#begin());
    else setImmediate(() => this.#begin());
  }

  #begin(): void {
    this.#round = this.#next.values();
    this.#next = new Set();
    this.#beganAt = this.#clock.now();
    this.#slice();
  }

  #slice(): void {
    const began = this.#clock.now();
    for (let turn = this.#round.next(); !turn.done; turn = this.#round.next()) {
      turn.value.send();
      if (this.#clock.now() - began < SLICE_MS) continue;
      setImmediate(() => this.#slice());
      return;
    }
    this.#end();
  }

  #end(): void {
    const now = this.#clock.now();
    const tookMs = now - this.#beganAt;
    this.#nextAt = tookMs < LARGE_MS ? now : now + Math.min(tookMs * REST, LONGEST_REST_MS);
    this.#isUnderWay = false;
    const [waiting] = this.#next;
    if (waiting) this.add(waiting);
  }
}
