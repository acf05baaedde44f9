import { setTimeout as pause } from "node:timers/promises";

const LOOK_EVERY_MS = 500;
/** One tick of the kernel's clock in a look: what a look itself can cost, and less than any work. */
const QUIET_SECONDS = 0.011;
const LOOKS = 3;

interface Busy {
  cpuSeconds(): number;
}

/** Resolves when it has used no processor for a second and a half, with the seconds of processor time that it has used since it was started. */
export async function untilQuiet(busy: Busy, timeoutMs = 240_000): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  let used = busy.cpuSeconds();
  for (let quiet = 0; quiet < LOOKS && performance.now() < deadline; ) {
    await pause(LOOK_EVERY_MS);
    const now = busy.cpuSeconds();
    quiet = now - used <= QUIET_SECONDS ? quiet + 1 : 0;
    used = now;
  }
  return used;
}
