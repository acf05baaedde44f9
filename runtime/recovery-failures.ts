import type { Logger } from "../lib/logger.ts";
import { type LaunchSpec, StartError } from "./runtime.ts";

/**
 * The instances that `recover` could not look at when the daemon began. A failure of one keeps no other from being recovered. Nothing is started for
 * such an instance before a look has succeeded, because its process may live (P2).
 */
export class RecoveryFailures {
  readonly #reasons = new Map<string, string>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Looks. Keeps and logs what goes wrong; returns undefined then. */
  try<T>(uid: string, look: () => T): T | undefined {
    try {
      return look();
    } catch (error) {
      this.#logger.error("could not inspect what an earlier daemon started", { uid, error: String(error) });
      this.#reasons.set(uid, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** Before a start: looks once more if that went wrong. Throws `StartError`. */
  retry({ uid, label }: Pick<LaunchSpec, "uid" | "label">, look: () => void): void {
    if (!this.#reasons.has(uid)) return;
    this.#reasons.delete(uid);
    this.try(uid, look);
    const reason = this.#reasons.get(uid);
    if (reason === undefined) return;
    throw new StartError("SystemError", `${label}: cannot inspect what an earlier daemon started: ${reason}`);
  }

  get isEmpty(): boolean {
    return this.#reasons.size === 0;
  }

  forget(uid: string): void {
    this.#reasons.delete(uid);
  }
}
