import type { Client } from "../../../api/client.ts";
import type { Stored } from "../../../api/object.ts";
import { processes } from "../../../api/scheme.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { HomeNote } from "../../../runtime/homes/homes.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { copyOf } from "../launch/copy-of.ts";
import { verdictOf } from "./verdict.ts";

export interface UnusedHomesOptions {
  /** Sees the Processes. */
  homeCollector: Client;
  runtime: Pick<Runtime, "homes">;
  logger: Logger;
  /** A Process that a damaged store does not show is not deleted (P12). */
  isStoreHealthy: () => boolean;
}

/** Removes the homes of Processes that were deleted: at once where a copy is released, and in each walk where nobody was there to see it. */
export class UnusedHomes {
  readonly #options: UnusedHomesOptions;

  constructor(options: UnusedHomesOptions) {
    this.#options = options;
  }

  async walk(): Promise<void> {
    await this.#judge(this.#options.runtime.homes.unused());
  }

  /** The home of this Instance is used no more. */
  async look(instance: Stored<Instance>): Promise<void> {
    await this.#judge(this.#options.runtime.homes.unused(copyOf(instance)));
  }

  async #judge(homes: readonly HomeNote[]): Promise<void> {
    const { homeCollector, runtime, logger, isStoreHealthy } = this.#options;
    const [first] = homes;
    if (!first) return;
    // One copy needs no more than its own Process.
    const one =
      homes.length === 1 ? { namespace: first.namespace, fieldSelector: `metadata.name=${first.process}` } : {};
    const { items, metadata } = await homeCollector.list(processes, one);
    if (!isStoreHealthy()) return;
    // A Process that is being deleted makes no copies any more.
    const living = items.filter((item) => item.metadata.deletionTimestamp === undefined);
    const uids = new Set(living.map((item) => item.metadata.uid));
    const seen = { uids, revision: Number(metadata.resourceVersion) };
    for (const home of homes) {
      const { owner, index, namespace, process } = home;
      const told = { process: `${namespace}/${process}`, index, owner };
      const verdict = verdictOf(home, seen);
      if (verdict === "keep") continue;
      if (verdict === "remove") {
        await runtime.homes.remove(home);
        logger.info("removed the home of a copy whose Process was deleted", told);
      } else {
        runtime.homes.retain(home);
        logger.warn(
          "the store is older than this home and does not know its Process: it stays until it is removed by hand",
          told,
        );
      }
    }
  }
}
