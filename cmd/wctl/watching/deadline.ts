import type { Clock } from "../../../lib/clock.ts";

export interface Deadline {
  signal: AbortSignal;
  /** True once the time was up; false when the caller's own signal aborted first. */
  passed: () => boolean;
  cancel: () => void;
}

/** A signal that aborts after `seconds` (0: never), or with `outer`. Cancel it when the work is done. */
export function deadline(clock: Clock, seconds: number, outer: AbortSignal): Deadline {
  const controller = new AbortController();
  let passed = false;
  const timer = clock.after(seconds * 1000, () => {
    passed = true;
    controller.abort();
  });
  if (seconds <= 0) timer.cancel();
  const signal = AbortSignal.any([outer, controller.signal]);
  return { signal, passed: () => passed, cancel: () => timer.cancel() };
}
