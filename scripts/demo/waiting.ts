import type { ChildProcess } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";

/** Nothing in a demo takes this long, on a busy machine either. */
const PATIENCE_MS = 60_000;

/** Looks again and again; throws when it does not come. */
export async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await pause(50)) {
    if (await look()) return;
  }
  throw new Error(`did not come: ${what}`);
}

export const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) =>
    child.exitCode !== null || child.signalCode !== null ? resolve() : child.once("exit", () => resolve()),
  );
