import type { KeyFile } from "./key-file.ts";
import { newSecretKey, type SecretKey } from "./secret-key.ts";

/** The keys in memory and on disk: the first writes, all of them read. The disk comes first: no record is written under a key that could be lost. */
export class KeyRing {
  readonly #file: KeyFile;
  #keys: readonly SecretKey[];
  readonly #problem: Error | undefined;

  private constructor(file: KeyFile, keys: readonly SecretKey[], problem?: Error) {
    this.#file = file;
    this.#keys = keys;
    this.#problem = problem;
  }

  /** Never rejects for what is wrong with the file: then there are no keys, and `ensure` says why. */
  static async open(file: KeyFile): Promise<KeyRing> {
    try {
      return new KeyRing(file, (await file.read()) ?? []);
    } catch (error) {
      return new KeyRing(file, [], error as Error);
    }
  }

  get path(): string {
    return this.#file.path;
  }

  /** What is wrong with the file that is there. */
  get problem(): Error | undefined {
    return this.#problem;
  }

  get keys(): readonly SecretKey[] {
    return this.#keys;
  }

  /** Throws before there is one. */
  get primary(): SecretKey {
    const [first] = this.#keys;
    if (!first) throw this.#problem ?? new Error(`${this.path} holds no key yet`);
    return first;
  }

  find(id: string): SecretKey | undefined {
    return this.#keys.find((key) => key.id === id);
  }

  /** Makes the first key where there never was a file. Rejects with what is wrong with the file that is there. */
  async ensure(now: Date): Promise<void> {
    if (this.#problem) throw this.#problem;
    if (this.#keys.length === 0) await this.#keep([newSecretKey(now)]);
  }

  /** A new key writes from now on; the others still read. */
  async add(now: Date): Promise<SecretKey> {
    const key = newSecretKey(now);
    await this.#keep([key, ...this.#keys]);
    return key;
  }

  /** Only the key that writes is left. Resolves with the ids of the others. */
  async retire(): Promise<string[]> {
    const [primary, ...old] = [this.primary, ...this.#keys.slice(1)];
    if (old.length > 0) await this.#keep([primary]);
    return old.map(({ id }) => id);
  }

  async #keep(keys: readonly SecretKey[]): Promise<void> {
    await this.#file.write(keys);
    this.#keys = keys;
  }
}
