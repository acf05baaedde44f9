import type { Clock } from "../../../lib/clock.ts";
import type { Runtime, Usage } from "../../../runtime/runtime.ts";

/** As often as most people scrape, at most; and only while somebody does. */
const FRESH_MS = 15_000;

/** What each Instance uses, for scrapes: looked at once in fifteen seconds, however many ask. */
export class RecentUsage {
  readonly #runtime: Pick<Runtime, "usage" | "get">;
  readonly #clock: Clock;
  #reading: { at: number; usage: Promise<ReadonlyMap<string, Usage>> } | undefined;
  /** Of each run, the processor seconds that were told last. */
  #told = new Map<string, { run: number; cpuSeconds: number }>();

  constructor(runtime: Pick<Runtime, "usage" | "get">, clock: Clock) {
    this.#runtime = runtime;
    this.#clock = clock;
  }

  /** By uid. */
  read(): Promise<ReadonlyMap<string, Usage>> {
    const now = this.#clock.now();
    if (!this.#reading || now - this.#reading.at >= FRESH_MS) this.#reading = { at: now, usage: this.#look() };
    return this.#reading.usage;
  }

  async #look(): Promise<ReadonlyMap<string, Usage>> {
    // What could not be looked at is left out; all else is told.
    const usage = await this.#runtime.usage().catch(() => new Map<string, Usage>());
    const before = this.#told;
    this.#told = new Map();
    for (const [uid, one] of usage) {
      const run = this.#runtime.get(uid)?.run ?? 0;
      const last = before.get(uid);
      // A process that ended unseen takes its seconds along where the system counts by process: a counter must not go back.
      const cpuSeconds = last?.run === run ? Math.max(last.cpuSeconds, one.cpuSeconds) : one.cpuSeconds;
      this.#told.set(uid, { run, cpuSeconds });
      usage.set(uid, { ...one, cpuSeconds });
    }
    return usage;
  }
}
