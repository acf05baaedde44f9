import type { Sizes } from "../history/sizes.ts";
import type { Version } from "../journal.ts";
import type { Path, StoreEvent } from "../store.ts";
import type { Transformer } from "../transformer.ts";

/** Takes versions to the disk and back, through the Transformer when it is for their path. */
export class Transformed {
  readonly #transformer: Transformer | undefined;
  readonly problems: string[] = [];
  /** Some of the versions that were read should be written anew. */
  hasStale = false;

  constructor(transformer?: Transformer) {
    this.#transformer = transformer;
  }

  get prefixes(): readonly Path[] {
    return this.#transformer?.prefixes ?? [];
  }

  async prepare(): Promise<void> {
    await this.#transformer?.prepare();
  }

  toStorage({ revision, path, type, object }: StoreEvent, sizes?: Sizes): Version {
    if (type === "DELETED") return [revision, path, null];
    const json = JSON.stringify(object);
    sizes?.set(object, json.length);
    const transformer = this.#for(path);
    if (!transformer) return [revision, path, json];
    return [revision, path, transformer.toStorage({ path, uid: object.metadata.uid, revision, json })];
  }

  /** Leaves out the versions that cannot be read; `problems` tells of them. */
  fromStorage(stored: Version[]): Version[] {
    return stored.flatMap((version) => {
      try {
        return [this.#read(version)];
      } catch (error) {
        this.problems.push((error as Error).message);
        return [];
      }
    });
  }

  /** Those of them that should be written anew, in their new form. Throws for a version that cannot be read. */
  renewed(stored: Version[]): Version[] {
    return stored.flatMap(([revision, path, text]): Version[] => {
      const transformer = this.#for(path);
      if (!transformer || text === null) return [];
      const { json, stale } = transformer.fromStorage(path, revision, text);
      if (!stale) return [];
      const { uid } = (JSON.parse(json) as { metadata: { uid: string } }).metadata;
      return [[revision, path, transformer.toStorage({ path, uid, revision, json })]];
    });
  }

  #read(version: Version): Version {
    const [revision, path, text] = version;
    const transformer = this.#for(path);
    if (!transformer || text === null) return version;
    const { json, stale } = transformer.fromStorage(path, revision, text);
    this.hasStale ||= stale;
    return [revision, path, json];
  }

  #for(path: Path): Transformer | undefined {
    return this.prefixes.some((prefix) => path.startsWith(prefix)) ? this.#transformer : undefined;
  }
}
