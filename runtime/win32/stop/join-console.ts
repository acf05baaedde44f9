import { constants } from "../ffi/constants.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { HeldProcess, timeOf } from "../process/held-process.ts";

/** A program makes its console in its first moments. Until then it looks like one that will never have one. */
const YOUNG_MS = 2_000;
const PAUSE_MS = 10;

/** The time of the machine, and a pause that holds the thread. */
export interface Waiting {
  now(): number;
  pause(ms: number): void;
}

/** The sender has nothing else to do. */
const systemWaiting: Waiting = {
  now: () => Date.now(),
  pause: (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
};

/**
 * Makes the console of a process this one's own, also of a process that is about to make it. False when it has none, or has ended.
 * https://learn.microsoft.com/windows/console/attachconsole
 */
export function joinConsole(api: Winapi, pid: number, waiting: Waiting = systemWaiting): boolean {
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    if (api.AttachConsole(pid)) return true;
    // Waited time is counted too: the machine's clock may be turned back meanwhile.
    if (api.GetLastError() !== constants.ERROR_INVALID_HANDLE || waitedMs >= YOUNG_MS) return false;
    if (!isYoung(api, pid, waiting.now())) return false;
    waiting.pause(PAUSE_MS);
  }
}

function isYoung(api: Winapi, pid: number, now: number): boolean {
  const held = HeldProcess.open(api, pid, constants.PROCESS_QUERY_LIMITED_INFORMATION);
  held?.close();
  return held !== undefined && now - timeOf(BigInt(held.creationTime)).getTime() < YOUNG_MS;
}
