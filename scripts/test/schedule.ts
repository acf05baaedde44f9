import { availableParallelism, cpus } from "node:os";

/** The processors of a machine, and its present load. */
export interface Room {
  running: number;
  processors: number;
  idle: number;
}

/** Waiting tests take no processor but some memory. */
const MOST_PER_PROCESSOR = 4;
/** Less than this is no room for another file, which is busy at least while it begins. */
const ENOUGH_IDLE = 0.4;

/** Tests wait more than they compute, so how many files run at once follows the processors that are idle; at least one for each, also on a busy machine. */
export function mayBegin({ running, processors, idle }: Room): boolean {
  if (running < processors) return true;
  return running < processors * MOST_PER_PROCESSOR && idle >= ENOUGH_IDLE;
}

/** The assumed times of a file until they are known, in seconds. */
const SLOW_S = 30;
const OTHER_S = 1;

/** The longest first, so that none begins when the others are nearly through. */
export function longestFirst(
  files: readonly string[],
  isSlow: (file: string) => boolean,
  seconds: ReadonlyMap<string, number>,
): string[] {
  const of = (file: string): number => seconds.get(file) ?? (isSlow(file) ? SLOW_S : OTHER_S);
  return [...files].sort((a, b) => of(b) - of(a) || (a < b ? -1 : 1));
}

/** Tells how many processors were idle since it was asked last. */
export class IdleProcessors {
  readonly processors = availableParallelism();
  #last = idleMs();
  #at = performance.now();

  ask(): number {
    const [now, at] = [idleMs(), performance.now()];
    const idle = (now - this.#last) / Math.max(1, at - this.#at);
    [this.#last, this.#at] = [now, at];
    return Math.min(this.processors, idle);
  }
}

const idleMs = (): number => cpus().reduce((sum, { times }) => sum + times.idle, 0);
