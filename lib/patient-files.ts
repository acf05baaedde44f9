import { rename } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";

const PASSING: ReadonlySet<string | undefined> = new Set(["EPERM", "EACCES", "EBUSY"]);
const MOST_ATTEMPTS = 10;
const FIRST_PAUSE_MS = 20;

/**
 * Renames a file or a folder. On Windows neither can be moved, nor a file replaced, while somebody has it open, as a scanner has what was just written: that
 * passes, within a second or so.
 */
export async function renamePatiently(
  from: string,
  to: string,
  { move = rename, pause = setTimeout }: { move?: typeof rename; pause?: (ms: number) => Promise<unknown> } = {},
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await move(from, to);
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !PASSING.has((error as NodeJS.ErrnoException).code)) throw error;
    }
    await pause(FIRST_PAUSE_MS * attempt);
  }
}

/** For `rm`: what is open passes for it too. */
export const PATIENT_REMOVAL = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 } as const;
