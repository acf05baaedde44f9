import { constants, readFileSync } from "node:fs";

/** Numbers of the calls that can empty a file while they open it, and the index of the argument with the flags; undefined: the call always empties. */
const CALLS: Readonly<Record<string, ReadonlyMap<number, number | undefined>>> = {
  x64: new Map([
    [2, 1], // open
    [85, undefined], // creat
    [257, 2], // openat
  ]),
  arm64: new Map([[56, 2]]), // openat
};

const MOST_LOOKS = 10_000;

/** While a thread runs on a processor, nobody can say which call it is in. */
export const RUNNING = "running";

export const GONE = "";

/** The call that a thread waits in, as the kernel shows it: number and arguments in hexadecimal; or `RUNNING`, or `GONE`. */
export function systemCallOf(thread: number): string {
  try {
    return readFileSync(`/proc/${thread}/syscall`, "latin1").trim();
  } catch {
    return GONE;
  }
}

/** Nanoseconds that a thread has spent on a processor; 0 when it is gone or the kernel does not count them. */
export function processorTime(thread: number): number {
  try {
    return Number(readFileSync(`/proc/${thread}/schedstat`, "latin1").split(" ")[0]);
  } catch {
    return 0;
  }
}

/**
 * The thread has asked and is about to sleep: a moment later the kernel shows its call. The wait is bounded, since the thread may be killed
 * meanwhile.
 */
export function callOfSleeper(thread: number): string {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const call = systemCallOf(thread);
    if (call !== RUNNING) return call;
  }
  return RUNNING;
}

/** `257 0xffffff9c 0x7ffd… 0x241 …` is openat(AT_FDCWD, …, O_WRONLY|O_CREAT|O_TRUNC). Unknown calls count as harmless. */
export function isTruncating(call: string, arch: string = process.arch): boolean {
  const [number, ...args] = call.split(" ");
  const calls = CALLS[arch];
  if (!calls?.has(Number(number))) return false;
  const index = calls.get(Number(number));
  return index === undefined || (Number(args[index] ?? 0) & constants.O_TRUNC) !== 0;
}
