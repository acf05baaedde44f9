import { type Clock, sleep } from "../lib/clock.ts";

/** A period is done in so many parts, so that a large cache is no burst of work. */
const PARTS = 60;

export interface ResyncOptions {
  clock: Clock;
  /** Of a whole round. */
  periodMs: number;
  /** From 0 to below 1. */
  random: () => number;
  /** Lists anew. */
  relist: () => void;
  keys: () => string[];
  /** Of keys that may be gone meanwhile. */
  tell: (keys: readonly string[]) => void;
}

/**
 * The slow relist, for the event that was lost: round after round, each begun with a fresh list, all that is known is told again, evenly
 * over the period. Begins somewhere in the first period, so that many informers do not keep step. Resolves when the signal aborts.
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
