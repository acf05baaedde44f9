import { P_PID, SIGINFO_PID, SIZEOF_SIGINFO, WEXITED, WNOHANG } from "../ffi/layout.ts";
import { waitid } from "../ffi/libc.ts";

/** What SIGKILL does not end in this time hangs in the kernel; it is not waited for. */
const TRIES = 200;
const PAUSE_MS = 5;

/**
 * Ends and reaps a child that was born and could not be held (no descriptor was left for its pidfd, it could not be put into its group): as
 * nobody would know of it, nobody would ever stop it. It is our own and nobody has reaped it, so its number is not another's yet (P4).
 */
export function endUnheld(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has become somebody else's who can't be signalled; the error of the birth is the one to tell.
  }
  const info = Buffer.alloc(SIZEOF_SIGINFO);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; tries < TRIES; tries++) {
    if (waitid(P_PID, pid, info, WEXITED | WNOHANG) !== 0 || info.readInt32LE(SIGINFO_PID) === pid) return;
    Atomics.wait(pause, 0, 0, PAUSE_MS);
  }
}
