import type { Clock } from "../../lib/clock.ts";
import type { Path } from "../../store/store.ts";
import type { StorageRecord, Transformer } from "../../store/transformer.ts";
import type { KeyRing } from "./key-ring.ts";
import { parseSealed, seal, unseal } from "./seal.ts";

/** Hides the records of one resource. What an earlier version left in the clear is read, and called stale like what another key wrote. */
export class Encryption implements Transformer {
  readonly prefix: Path;
  readonly #ring: KeyRing;
  readonly #clock: Pick<Clock, "wall">;

  constructor(prefix: Path, ring: KeyRing, clock: Pick<Clock, "wall">) {
    this.prefix = prefix;
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
