import type { LogPolicy } from "../runtime.ts";

/** A run of the copy before the newest one. */
export interface EarlierRun {
  /** What its output takes. */
  bytes: number;
  /** When it ended, in milliseconds of the wall clock. */
  endedAt: number;
}

/**
 * How many of the earlier runs keep their output: so many of the newest. Room for all that the newest run may still write is set aside, so nobody has to
 * look while it writes. `earlier`: ascending. `now`: milliseconds of the wall clock. Pure.
 */
export function countKept(earlier: readonly EarlierRun[], policy: LogPolicy, now: number): number {
  const { maxFiles, maxSize, maxTotalSize, maxAgeSeconds, stderr } = policy;
  const room = (maxTotalSize ?? Number.POSITIVE_INFINITY) - maxSize * (stderr === "Separate" ? 2 : 1);
  const oldest = now - (maxAgeSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  let kept = 0;
  let bytes = 0;
  for (const run of earlier.toReversed()) {
    bytes += run.bytes;
    if (kept + 1 >= maxFiles || bytes > room || run.endedAt < oldest) break;
    kept++;
  }
  return kept;
}
