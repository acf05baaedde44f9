import type { Clock } from "../../lib/clock.ts";
import type { Path } from "../../store/store.ts";
import type { StorageRecord, Transformer } from "../../store/transformer.ts";
import type { KeyRing } from "./key-ring.ts";
import { parseSealed, seal, unseal } from "./seal.ts";

/** Encrypts the records below some paths. Records that an earlier version left in the clear are read, and are stale like those that an older key encrypted. */
export class Encryption implements Transformer {
  readonly prefixes: readonly Path[];
  readonly #ring: KeyRing;
  readonly #clock: Pick<Clock, "wall">;

  constructor(prefixes: readonly Path[], ring: KeyRing, clock: Pick<Clock, "wall">) {
    this.prefixes = prefixes;
    this.#ring = ring;
    this.#clock = clock;
  }

  prepare(): Promise<void> {
    return this.#ring.ensure(this.#clock.wall());
  }

  toStorage(record: StorageRecord): string {
    return seal(this.#ring.primary, record);
  }

  fromStorage(path: Path, revision: number, stored: string): { json: string; stale: boolean } {
    if (stored.startsWith("{")) return { json: stored, stale: true };
    const what = `${path} at revision ${revision}`;
    const sealed = parseSealed(stored);
    if (!sealed) throw new Error(`${what} is neither JSON nor an encrypted record`);
    const key = this.#ring.find(sealed.keyId);
    if (!key) throw new Error(`${what} is encrypted with key ${sealed.keyId}, which ${this.#lacks()}`);
    try {
      return { json: unseal(key, sealed, { path, revision }), stale: key !== this.#ring.primary };
    } catch (error) {
      throw new Error(`${what} does not decrypt: it was changed, or put in another's place`, { cause: error });
    }
  }

  #lacks(): string {
    const { keys, path } = this.#ring;
    if (keys.length > 0) return `${path} does not have`;
    return `is missing: ${this.#ring.problem?.message ?? `there is no ${path}`}`;
  }
}
