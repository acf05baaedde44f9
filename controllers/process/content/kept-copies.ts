import type { Client } from "../../../api/client.ts";
import { contentKey } from "../../../api/content/content-references.ts";
import { isAlreadyExists, isNotFound } from "../../../api/errors.ts";
import { type Key, keyOf, type Stored } from "../../../api/object.ts";
import { configMaps, type Resource, secrets } from "../../../api/scheme.ts";
import type { ConfigMap, Secret } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import { KeyedMutex } from "../../../lib/keyed-mutex.ts";
import type { Informer } from "../../../machinery/informer.ts";
import { MutationCache } from "../../../machinery/mutation-cache.ts";
import { undefinedWhenGone } from "../adopt.ts";
import type { ContentDigests, DigestedContent } from "./digests.ts";

export type Plural = "configmaps" | "secrets";
export type Content = ConfigMap | Secret;

export interface KeptCopiesOptions {
  client: Client;
  digests: Pick<ContentDigests, "of">;
  /** Of all ConfigMaps and of all Secrets. */
  contents: readonly Informer<DigestedContent>[];
  clock: Clock;
}

const resources: Record<Plural, Resource<Content>> = {
  configmaps: configMaps as Resource<Content>,
  secrets: secrets as Resource<Content>,
};

/**
 * The copies of ConfigMaps and Secrets that are kept for revisions, as the caches show them and as this daemon has written them. Making and
 * removing one take turns: what somebody begins to refer to while it is removed is made again.
 */
export class KeptCopies {
  readonly #client: Client;
  readonly #digests: KeptCopiesOptions["digests"];
  readonly #shown = new Map<string, MutationCache<DigestedContent>>();
  readonly #turns = new KeyedMutex<string>();
  /** Removed by us and perhaps shown still, with the resourceVersion that they had. */
  readonly #removed = new Map<string, string>();

  constructor({ client, digests, contents, clock }: KeptCopiesOptions) {
    this.#client = client;
    this.#digests = digests;
    for (const informer of contents) this.#shown.set(informer.resource.plural, new MutationCache(informer, clock));
  }

  /** Undefined when there is none of this name, or not as it was made. */
  find(plural: Plural, key: Key): Stored<DigestedContent> | undefined {
    const found = this.#shown.get(plural)?.get(key);
    const isRemoved = found?.metadata.resourceVersion === this.#removed.get(contentKey(plural, key));
    return found?.isKept && !isRemoved ? found : undefined;
  }

  /** What is kept is read once, when a revision takes it in. Undefined: it is gone. */
  readSource(plural: Plural, key: Key): Promise<Stored<Content> | undefined> {
    return this.#client.get(resources[plural], key).catch(undefinedWhenGone);
  }

  /** Resolves with false when something else has its name. Rejects with what the API refused. */
  make(plural: Plural, copy: Content): Promise<boolean> {
    const key = keyOf(copy);
    return this.#turns.run(contentKey(plural, key), async () => {
      if (this.find(plural, key)) return true;
      try {
        this.#remember(plural, await this.#client.create(resources[plural], copy));
        return true;
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        const there = await this.readSource(plural, key);
        if (!there || !this.#remember(plural, there).isKept) return false;
        return true;
      }
    });
  }

  /** Removes one that nobody refers to when its turn has come. */
  remove(plural: Plural, key: Key, isReferredTo: () => boolean, client: Client): Promise<void> {
    return this.#turns.run(contentKey(plural, key), async () => {
      const found = this.find(plural, key);
      if (!found || isReferredTo()) return;
      const { uid, resourceVersion } = found.metadata;
      await client.delete(resources[plural], key, { preconditions: { uid, resourceVersion } }).catch(unlessGone);
      this.#noteRemoval(plural, key, resourceVersion);
    });
  }

  #remember(plural: Plural, object: Stored<Content>): Stored<DigestedContent> {
    const digested = this.#digests.of(object);
    this.#shown.get(plural)?.remember(digested);
    return digested;
  }

  /** Those that are shown no more are forgotten. */
  #noteRemoval(plural: Plural, key: Key, resourceVersion: string): void {
    for (const [other, version] of this.#removed) {
      const slash = other.indexOf("/");
      const shown = this.#shown.get(other.slice(0, slash))?.get(other.slice(slash + 1));
      if (shown?.metadata.resourceVersion !== version) this.#removed.delete(other);
    }
    this.#removed.set(contentKey(plural, key), resourceVersion);
  }
}

function unlessGone(error: unknown): undefined {
  if (isNotFound(error)) return undefined;
  throw error;
}
