import type { Client } from "../../../api/client.ts";
import { contentKey, contentKeysOf } from "../../../api/content/content-references.ts";
import { type Key, keyOf, type Stored } from "../../../api/object.ts";
import type { ControllerRevision, Process } from "../../../api/types.generated.ts";
import type { Controller } from "../../../machinery/controller.ts";
import type { Informer } from "../../../machinery/informer.ts";
import { done, type Outcome } from "../../../machinery/outcome.ts";
import type { Reconciler, Request } from "../../../machinery/reconciler.ts";
import type { History } from "../history/history.ts";
import { keptKeysOf, keptKeysOfRecord } from "../history/kept-keys.ts";
import type { DigestedContent } from "./digests.ts";
import type { ContentKeeper } from "./keeper.ts";
import type { KeptCopies, Plural } from "./kept-copies.ts";

export interface KeptContentCollectorOptions {
  client: Client;
  copies: KeptCopies;
  keeper: ContentKeeper;
  history: History;
  /** Made with `processIndexers`. */
  processes: Informer<Process>;
}

/**
 * Removes a kept copy when no revision, no Process's status and no template refers to it any more. The keys are `configmaps/default/web-0f…`. What
 * only looks like a copy, because somebody gave it the label, is left alone.
 */
export class KeptContentCollector implements Reconciler {
  readonly #options: KeptContentCollectorOptions;

  constructor(options: KeptContentCollectorOptions) {
    this.#options = options;
  }

  async reconcile({ key }: Request): Promise<Outcome> {
    const slash = key.indexOf("/");
    const plural = key.slice(0, slash) as Plural;
    const isReferredTo = (): boolean => this.#isReferredTo(key);
    await this.#options.copies.remove(plural, key.slice(slash + 1), isReferredTo, this.#options.client);
    return done;
  }

  #isReferredTo(copy: string): boolean {
    const { processes, history, keeper } = this.#options;
    const { lister } = processes;
    if (lister.by("kept", copy).length > 0 || lister.by("content", copy).length > 0) return true;
    return history.refersTo(copy) || keeper.pinnedBy(copy).some((process) => lister.get(process) !== undefined);
  }
}

/** Each event after which nobody may refer to a copy. The slow relist tells of all of them again, and so does the first list of a daemon. */
export function watchKeptContent(
  controller: Controller,
  caches: {
    processes: Informer<Process>;
    records: Informer<ControllerRevision>;
    contents: readonly Informer<DigestedContent>[];
  },
): Controller {
  for (const informer of caches.contents) {
    controller.watch(informer, ({ type, object }): Key[] =>
      object.isKept && type !== "Deleted" ? [contentKey(informer.resource.plural, keyOf(object))] : [],
    );
  }
  return controller
    .watch(caches.processes, ({ type, object, previous }) => {
      if (type === "Deleted") return referredTo(object);
      const now = new Set(referredTo(object));
      return previous ? referredTo(previous).filter((key) => !now.has(key)) : [];
    })
    .watch(caches.records, ({ type, object }) => (type === "Deleted" ? keptKeysOfRecord(object) : []));
}

/** A template may name a copy too. */
const referredTo = (process: Stored<Process>): string[] => [...keptKeysOf(process), ...contentKeysOf(process)];
