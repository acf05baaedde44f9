import { type Clock, sleep } from "../../../lib/clock.ts";

/** If the configuration sets no time, and no declared grace period is longer. */
const DEFAULT_MS = 180_000;
/** Reserved for the kill, which the runtime watches for 5 s, and for the last statuses. */
const KILLING_MS = 8_000;
/** The last statuses have this long; nothing waits for a store that does not answer. */
const LAST_WORDS_MS = 2_000;

/** What the shutdown needs of the agent. */
interface Stopping {
  /** Asks everything to stop, or to stop sooner. */
  stopAll(): void;
  /** Resolves when nothing is being done. */
  idle(): Promise<void>;
  /** Something runs that may still end. */
  isBusy(): boolean;
  /** Seconds: the longest grace period that was declared for what runs. */
  longestGrace(): number;
}

/**
 * Stops all workloads within a time (P24). Each has the grace period that was declared for it. Shortly before the time is over, whatever is left
 * is killed, in no order, and nothing waits for what survives that.
 */
export class Shutdown {
  readonly #clock: Clock;
  readonly #stopping: Stopping;
  readonly #onLook = new Set<() => void>();
  #killAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, stopping: Stopping) {
    this.#clock = clock;
    this.#stopping = stopping;
  }

  /** Milliseconds until whatever is left is killed; infinite before the shutdown has begun. */
  get killInMs(): number {
    return Math.max(0, this.#killAt - this.#clock.now());
  }

  /** Resolves when nothing is left that can be ended, or the time is over. */
  async run(givenMs: number | undefined): Promise<void> {
    const withinMs = givenMs ?? Math.max(DEFAULT_MS, this.#stopping.longestGrace() * 1000 + KILLING_MS);
    const killMs = withinMs - Math.min(KILLING_MS, withinMs / 2);
    this.#killAt = this.#clock.now() + killMs;
    const over = new AbortController();
    const timers = [
      this.#clock.after(killMs, () => this.#stopping.stopAll()),
      this.#clock.after(withinMs, () => over.abort()),
    ];
    this.#stopping.stopAll();
    await before(over.signal, this.#stopping.idle());
    this.#stopping.stopAll(); // By now the runtime knows of a start that was under way.
    await before(over.signal, this.#quiet(over.signal));
    for (const timer of timers) timer.cancel();
    this.#stopping.stopAll();
    const silence = new AbortController();
    await Promise.race([this.#stopping.idle(), sleep(this.#clock, LAST_WORDS_MS, silence.signal).catch(() => {})]);
    silence.abort();
  }

  /** Something has ended, or could not be ended. */
  look(): void {
    for (const look of this.#onLook) look();
  }

  async #quiet(signal: AbortSignal): Promise<void> {
    while (this.#stopping.isBusy() && !signal.aborted) {
      const changed = Promise.withResolvers<void>();
      this.#onLook.add(changed.resolve);
      await before(signal, changed.promise);
      this.#onLook.delete(changed.resolve);
    }
  }
}

/** Resolves with the promise, or when the signal aborts. */
function before(signal: AbortSignal, promise: Promise<void>): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    promise.then(resolve, reject);
  });
}
