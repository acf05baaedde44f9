import type { Timer } from "../../../lib/clock.ts";
import type { Win32Context } from "../context.ts";
import type { Job } from "../job/job.ts";
import type { HeldProcess } from "../process/held-process.ts";

/**
 * Milliseconds between looks, from the first to the second value, more and more: a message of the job may come a moment before the handle tells of
 * the end, or be lost.
 */
const LOOK_AGAIN_MS = { first: 50, last: 1_000 };

export interface Ending {
  /** Resolves when the process has ended: the job tells of it, and the handle confirms it. */
  ended: Promise<void>;
  /** Stops looking at it. Call it before its handle is closed. */
  stop(): void;
}

export function whenEnded(
  { clock, watcher }: Pick<Win32Context, "clock" | "watcher">,
  job: Job,
  process: HeldProcess,
): Ending {
  const { promise, resolve } = Promise.withResolvers<void>();
  let timer: Timer | undefined;
  let unwatch = (): void => {};
  const stop = (): void => {
    timer?.cancel();
    unwatch();
  };
  const look = (next: number): void => {
    timer?.cancel();
    if (process.hasEnded) {
      stop();
      resolve();
      return;
    }
    timer = clock.after(next, () => look(Math.min(next * 2, LOOK_AGAIN_MS.last)));
  };
  unwatch = watcher.watch(job, () => look(LOOK_AGAIN_MS.first));
  look(LOOK_AGAIN_MS.first);
  return { ended: promise, stop };
}
