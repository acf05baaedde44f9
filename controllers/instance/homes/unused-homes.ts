import type { Client } from "../../../api/client.ts";
import type { Stored } from "../../../api/object.ts";
import { processes } from "../../../api/scheme.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { HomeNote, HomeOwner } from "../../../runtime/homes/homes.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { copyOf } from "../launch/copy-of.ts";
import type { StoreSessions } from "./store-sessions.ts";
import { type ProcessesSeen, verdictOf } from "./verdict.ts";

export interface UnusedHomesOptions {
  /** Sees the Processes. */
  homeCollector: Client;
  runtime: Pick<Runtime, "homes">;
  logger: Logger;
  /** Tells an older store from the one that knew a home. */
  storeSessions: StoreSessions;
  /** A Process that a damaged store does not show is not deleted (P12). */
  isStoreHealthy: () => boolean;
}

/**
 * Removes the homes that their Processes let go: at once where a copy is released, and in each walk where nobody was there to see it.
 */
export class UnusedHomes {
  readonly #options: UnusedHomesOptions;

  constructor(options: UnusedHomesOptions) {
    this.#options = options;
  }

  async walk(): Promise<void> {
    const { homes } = this.#options.runtime;
    const unused = await homes.unused();
    const outlived = homes.outlived();
    await homes.finishRemovals();
    if (unused.length + outlived.length === 0) return;
    const seen = await this.#see({});
    if (!seen) return;
    for (const home of unused) {
      const verdict = verdictOf(home, seen);
      if (verdict === "retain") this.#retain(home);
      if (verdict === "remove") await this.#judgeAlone(home); // What was seen may have changed since.
    }
    this.#forgetOwners(outlived, seen);
  }

  /** The home of this Instance is used no more. */
  async look(instance: Stored<Instance>): Promise<void> {
    const home = this.#options.runtime.homes.unusedOf(copyOf(instance));
    if (home) await this.#judgeAlone(home);
  }

  async #judgeAlone(home: HomeNote): Promise<void> {
    const { namespace, process } = home;
    const seen = await this.#see({ namespace, fieldSelector: `metadata.name=${process}` });
    if (!seen) return;
    const verdict = verdictOf(home, seen);
    if (verdict === "retain") this.#retain(home);
    if (verdict === "remove") await this.#remove(home);
  }

  /** Undefined: the store can't tell. */
  async #see(selection: { namespace?: string; fieldSelector?: string }): Promise<ProcessesSeen | undefined> {
    const { homeCollector, runtime, isStoreHealthy, storeSessions } = this.#options;
    const { items, metadata } = await homeCollector.list(processes, selection);
    if (!isStoreHealthy()) return undefined;
    const living = items.filter((item) => item.metadata.deletionTimestamp === undefined);
    return {
      living: new Map(living.map((item) => [item.metadata.uid, item])),
      knows: (home) => storeSessions.knows(home, Number(metadata.resourceVersion)),
      outlives: (owner) => runtime.homes.outlives(owner),
    };
  }

  #retain(home: HomeNote): void {
    const { runtime, logger } = this.#options;
    runtime.homes.retain(home);
    const message =
      "the store is older than this home and does not know its Process: it stays until it is removed by hand";
    logger.warn(message, toldOf(home));
  }

  async #remove(home: HomeNote): Promise<void> {
    const { runtime, logger } = this.#options;
    if (await runtime.homes.remove(home))
      logger.info("removed the home of a copy that its Process has let go", toldOf(home));
  }

  /** A note that homes outlive their Process goes after the last of them, when the Process is gone too. */
  #forgetOwners(known: readonly HomeOwner[], { living }: ProcessesSeen): void {
    const { homes } = this.#options.runtime;
    for (const one of known) if (!living.has(one.owner) && !homes.has(one.owner)) homes.setOutliving(one, false);
  }
}

const toldOf = ({ namespace, process, index, owner }: HomeNote): Record<string, unknown> => ({
  process: `${namespace}/${process}`,
  index,
  owner,
});
