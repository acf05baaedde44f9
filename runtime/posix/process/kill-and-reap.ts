import { P_PID, SIGINFO_PID, SIZEOF_SIGINFO, WEXITED, WNOHANG } from "../ffi/layout.ts";
import { waitid } from "../ffi/libc.ts";

/** A process that outlives SIGKILL this long hangs in the kernel; we do not wait for it. */
const TRIES = 200;
const PAUSE_MS = 5;

/**
 * Ends and reaps a child that was spawned and that nobody can hold (no descriptor was left for its pidfd, or it could not be put into its group).
 * Nobody would know of it, so nobody would ever stop it. It is our own child and nobody has reaped it, so its pid is not another's yet (P4).
 */
export function killAndReap(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has changed to an account that we may not signal. The error of the spawn is the one to tell.
  }
  const info = Buffer.alloc(SIZEOF_SIGINFO);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; tries < TRIES; tries++) {
    if (waitid(P_PID, pid, info, WEXITED | WNOHANG) !== 0 || info.readInt32LE(SIGINFO_PID) === pid) return;
    Atomics.wait(pause, 0, 0, PAUSE_MS);
  }
}
