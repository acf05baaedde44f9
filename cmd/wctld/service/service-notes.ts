import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the service says of itself to `wctl service status`: a file in its data directory. Best effort: the event log has it too. */
class ServiceNote {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  write(dataDir: string, message: string): void {
    try {
      writeFileSync(join(dataDir, this.#name), `${message}\n`, { mode: 0o600 });
    } catch {
      // The data directory may be the very thing that is wrong.
    }
  }

  forget(dataDir: string): void {
    rmSync(join(dataDir, this.#name), { force: true });
  }

  read(dataDir: string): string | undefined {
    try {
      return readFileSync(join(dataDir, this.#name), "utf8").trim();
    } catch {
      return undefined;
    }
  }
}

/** Why it did not start the last time. */
export const startFailure = new ServiceNote("start-failure.txt");
/** Why its API does not answer while it supervises. */
export const apiProblem = new ServiceNote("api-problem.txt");
