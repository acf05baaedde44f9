/** Time comes in through the constructor, so that five minutes of backoff take no time to test. */
export interface Clock {
  /** Milliseconds on a monotonic scale; changes of the wall clock do not move it (promise P8). Only differences mean anything. */
  now(): number;
  /** The wall clock, for timestamps that people read. Never subtract two of these to measure a wait. */
  wall(): Date;
  /** Calls `fire` once, `ms` from now on the monotonic scale. The timer alone never keeps the process alive. */
  after(ms: number, fire: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** setTimeout fires at once for delays above 2^31-1 ms; longer waits are made of several. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => new Date(),
  after(ms, fire) {
    let handle: NodeJS.Timeout;
    const arm = (left: number): void => {
      const step = Math.min(Math.max(left, 0), LONGEST_TIMEOUT);
      handle = setTimeout(() => (left > step ? arm(left - step) : fire()), step);
      handle.unref();
    };
    arm(ms);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** True as soon as the promise settles, however it does; false when it has not settled after `ms`, and then it is left to itself. */
export function settledWithin(clock: Clock, ms: number, promise: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.after(ms, () => resolve(false));
    const settled = (): void => {
      timer.cancel();
      resolve(true);
    };
    promise.then(settled, settled);
  });
}
