import type { Clock, Timer } from "../../lib/clock.ts";

interface Waiting {
  due: number;
  order: number;
  fire: () => void;
}

/** A Clock that stands still until the test moves it. Timers fire in order of their due time, ties in order of arming. */
export class FakeClock implements Clock {
  #now = 0;
  #wall: number;
  #order = 0;
  #waiting = new Set<Waiting>();

  /** The wall clock starts at `wall` (default 2026-01-01T00:00:00Z), the monotonic one at 0. */
  constructor(wall: Date | string = "2026-01-01T00:00:00Z") {
    this.#wall = new Date(wall).getTime();
  }

  now(): number {
    return this.#now;
  }

  wall(): Date {
    return new Date(this.#wall);
  }

  after(ms: number, fire: () => void): Timer {
    const waiting: Waiting = { due: this.#now + Math.max(0, ms), order: this.#order++, fire };
    this.#waiting.add(waiting);
    return { cancel: () => void this.#waiting.delete(waiting) };
  }

  /** Timers that have neither fired nor been cancelled. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** Milliseconds from now to the next timer; undefined when none is armed. */
  get nextIn(): number | undefined {
    const next = this.#next(Number.POSITIVE_INFINITY);
    return next && next.due - this.#now;
  }

  /** The wall clock jumps (daylight saving, a person, NTP); the monotonic clock and the timers do not notice. */
  jumpWall(ms: number): void {
    this.#wall += ms;
  }

  /** Moves both clocks by `ms`, firing every timer that comes due on the way, also those armed on the way. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next; next = this.#next(end)) this.#fire(next);
    this.#moveTo(end);
  }

  /** As `advance`, and lets promises settle before the first timer and after each one. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#fire(next);
      await settle();
    }
    this.#moveTo(end);
  }

  #next(end: number): Waiting | undefined {
    let best: Waiting | undefined;
    for (const one of this.#waiting) {
      if (one.due > end) continue;
      if (!best || one.due < best.due || (one.due === best.due && one.order < best.order)) best = one;
    }
    return best;
  }

  #fire(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    this.#moveTo(waiting.due);
    waiting.fire();
  }

  #moveTo(time: number): void {
    if (time <= this.#now) return;
    this.#wall += time - this.#now;
    this.#now = time;
  }
}

/** Lets every promise that can settle without outside help do so. */
export async function settle(turns = 3): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
