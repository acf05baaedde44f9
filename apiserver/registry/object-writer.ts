import {
  alreadyExists,
  conflict,
  isAlreadyExists,
  isConflict,
  isNotFound,
  notFound,
  StatusError,
} from "../../api/errors.ts";
import { type Key, type KubeObject, keyOf, type Stored, splitKey } from "../../api/object.ts";
import { KeyedMutex } from "../../lib/keyed-mutex.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Path, Store, Unstamped } from "../../store/store.ts";
import { isReleased, type Kind } from "../kinds/kind.ts";
import { storePath } from "./paths.ts";

/** How often a write that met another writer of the Store is tried. */
const MOST_ATTEMPTS = 10;

/**
 * Takes decided Objects of one kind to the Store, and puts what the Store says of paths into words about Objects. A dry run does everything but
 * the write.
 */
export class ObjectWriter {
  readonly #store: Store;
  readonly #kind: Kind;
  /**
   * Read-change-write of one Object at a time. Reads show only what is durable: without the mutex two unconditional writers would both start from the
   * same revision, and the second could only spin until the first is on disk.
   */
  readonly #mutex = new KeyedMutex<Path>();

  constructor(store: Store, kind: Kind) {
    this.#store = store;
    this.#kind = kind;
  }

  /** Before everything else: what a damaged store does not show must not be called missing (P12). */
  assertWritable(): void {
    const { health } = this.#store;
    if (!health.ok) throw new StatusError("ServiceUnavailable", health.message);
  }

  read(key: Key): Stored {
    const found = this.find(key);
    if (found) return found;
    const { health } = this.#store;
    if (!health.ok && health.partial) throw new StatusError("ServiceUnavailable", health.message);
    throw notFound(this.#kind.resource, splitKey(key).name);
  }

  find(key: Key): Stored | undefined {
    return this.#store.get(storePath(this.#kind.resource, key));
  }

  /**
   * Runs `work` on the Object as it is, for one writer at a time. When something else has written to the Store meanwhile, it is run again, as soon
   * as reads show what was written.
   */
  exclusively<T>(key: Key, work: (current: Stored) => Promise<T>): Promise<T> {
    const { resource } = this.#kind;
    return this.#mutex.run(storePath(resource, key), async () => {
      for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
        try {
          return await work(this.read(key));
        } catch (error) {
          if (!(error instanceof LostRace)) throw error;
        }
        await this.#store.caughtUp();
      }
      throw conflict(resource, splitKey(key).name);
    });
  }

  async create(object: KubeObject, dryRun = false): Promise<Stored> {
    const { resource } = this.#kind;
    const path = storePath(resource, keyOf(object));
    const taken = (): StatusError => alreadyExists(resource, object.metadata.name);
    if (this.#store.get(path)) throw taken();
    // A dry run answers without a resourceVersion, as in Kubernetes: there is no revision to name.
    if (dryRun) return object as Stored;
    try {
      return await this.#store.create(path, object as Unstamped);
    } catch (error) {
      throw isAlreadyExists(error) ? taken() : error;
    }
  }

  /** No change is no write, and keeps the resourceVersion. The last finalizer of a deleting Object takes the Object along. */
  async replace(current: Stored, next: Stored, dryRun = false): Promise<Stored> {
    if (dryRun) return next;
    if (isReleased(this.#kind, next)) {
      const { resourceVersion } = (await this.remove(current)).metadata;
      return { ...next, metadata: { ...next.metadata, resourceVersion } };
    }
    if (sameJson(current, next)) return current;
    return await raced(this.#store.update(storePath(this.#kind.resource, keyOf(current)), next, revisionOf(current)));
  }

  async remove(current: Stored, dryRun = false): Promise<Stored> {
    if (dryRun) return current;
    return await raced(this.#store.delete(storePath(this.#kind.resource, keyOf(current)), revisionOf(current)));
  }
}

const revisionOf = (object: Stored): number => Number(object.metadata.resourceVersion);

/** The Store had another revision than the one that was read. */
class LostRace extends Error {}

async function raced(write: Promise<Stored>): Promise<Stored> {
  try {
    return await write;
  } catch (error) {
    throw isConflict(error) || isNotFound(error) ? new LostRace("", { cause: error }) : error;
  }
}
