import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { type Clock, sleep } from "../../../lib/clock.ts";

const LOOK_MS = 1_000;

/**
 * For the output of a command that has ended with all it started. It ends by itself when it has been read, unless something that got away still holds it:
 * then as soon as nothing came for a second. Whoever reads slowly still gets all. `stream`: what `source`, a descriptor, is read through.
 */
export async function endWhenQuiet(stream: Readable, source: Socket, clock: Clock): Promise<void> {
  const closed = new AbortController();
  source.once("close", () => closed.abort());
  for (let before = -1; source.bytesRead !== before || stream.readableLength > 0; ) {
    if (source.destroyed) return;
    before = source.bytesRead;
    await sleep(clock, LOOK_MS, closed.signal).catch(() => {});
  }
  source.destroy();
}
