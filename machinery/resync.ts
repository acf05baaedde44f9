import { type Clock, sleep } from "../lib/clock.ts";

/** Each period is divided into so many parts, so that a large cache causes no burst of work. */
const PARTS = 60;

export interface ResyncOptions {
  clock: Clock;
  /** Of one round. */
  periodMs: number;
  /** From 0 to below 1. */
  random: () => number;
  /** Lists anew. */
  relist: () => void;
  keys: () => string[];
  /** Tells of these keys again; some may be gone by then. */
  tell: (keys: readonly string[]) => void;
}

/**
 * The slow relist, in case an event was lost. Each round begins with a fresh list; then all Objects of the cache are told again, spread evenly over
 * the period. The first round begins at a random time, so that many informers do not keep step. Resolves when the signal aborts.
 */
export async function resync(options: ResyncOptions, signal: AbortSignal): Promise<void> {
  const { clock, periodMs, random, relist, keys, tell } = options;
  const pause = (ms: number): Promise<void> => sleep(clock, ms, signal).catch(() => {});
  await pause(periodMs * random());
  while (!signal.aborted) {
    relist();
    const all = keys();
    const part = Math.ceil(all.length / PARTS);
    for (let n = 0; n < PARTS && !signal.aborted; n++) {
      tell(all.slice(n * part, (n + 1) * part));
      await pause((periodMs / PARTS) * (0.9 + 0.2 * random()));
    }
  }
}
