import type { Stored } from "../../api/object.ts";
import type { Instance } from "../../api/types.generated.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { UnusedHomes } from "./homes/unused-homes.ts";
import type { Orphans } from "./orphans.ts";

/** Milliseconds between two searches, on average. */
const PERIOD_MS = 60_000;

export interface OrphanSearchOptions {
  orphans: Pick<Orphans, "walk" | "look" | "moved">;
  homes: Pick<UnusedHomes, "walk">;
  clock: Clock;
  logger: Logger;
  /** From 0 to below 1; varies the period by a tenth. */
  random: () => number;
}

/** Says when orphans and unused homes are searched for: periodically, and when an event may concern one. A search that fails is logged; the next one looks again. */
export class OrphanSearch {
  readonly #options: OrphanSearchOptions;

  constructor(options: OrphanSearchOptions) {
    this.#options = options;
  }

  /** Searches at once and then about once a minute. Resolves when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { orphans, homes, clock, logger, random } = this.#options;
    while (!signal.aborted) {
      await orphans
        .walk()
        .catch((error: unknown) => logger.error("looking for orphans failed", { error: String(error) }));
      await homes
        .walk()
        .catch((error: unknown) => logger.error("looking for unused homes failed", { error: String(error) }));
      await sleep(clock, PERIOD_MS * (0.9 + 0.2 * random()), signal).catch(() => {});
    }
  }

  /** The agent usually released the Instance, and nothing is left. If it vanished in another way, it may have left a process behind. */
  instanceDeleted(instance: Stored<Instance>): void {
    this.#logFailure(this.#options.orphans.look(instance));
  }

  /** The stop of a workload without an Instance has made a step. */
  stopMoved(uid: string): void {
    this.#logFailure(this.#options.orphans.moved(uid));
  }

  #logFailure(look: Promise<void>): void {
    look.catch((error: unknown) => this.#options.logger.error("looking at an orphan failed", { error: String(error) }));
  }
}
