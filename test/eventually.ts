import { setTimeout as pause } from "node:timers/promises";
import { giveUp } from "../scripts/test/messages.ts";

const FIRST_PAUSE_MS = 5;
/** So seldom that a wait which never ends computes next to nothing, and the runner sees that nothing moves. */
const LONGEST_PAUSE_MS = 500;
const GROWTH = 1.2;

let ending = new AbortController();
process.on("message", (message) => {
  if (message !== giveUp) return;
  ending.abort();
  ending = new AbortController();
});
process.channel?.unref();

/** Aborted when the runner gives up what this test file waits for now. */
export const endOfWaits = (): AbortSignal => ending.signal;

/**
 * Waits for a condition of the outside world that tells nobody when it comes true, and resolves with what `look` gave. There is no limit of time: the
 * runner ends the waits of a test file in which nothing moves (scripts/test/patience.ts), and then this rejects with `what`.
 */
export async function eventually<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  what: string,
): Promise<T> {
  const end = endOfWaits();
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * GROWTH, LONGEST_PAUSE_MS)) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (end.aborted) throw new Error(`did not come true: ${what}`);
    await pause(pauseMs);
  }
}
