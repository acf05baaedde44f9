import { createSecretKey } from "node:crypto";
import { chmod, lstat } from "node:fs/promises";
import { readIfThere, removeUnfinished, writePrivateFile } from "../pki/private-file.ts";
import type { KeyProtection } from "./key-protection.ts";
import { idOf, KEY_BYTES, type SecretKey } from "./secret-key.ts";

interface Content {
  kind: "SecretKeys";
  version: 1;
  protection: string;
  keys: { id: string; created: string; key: string }[];
}

/** The keys of the Secrets: `secrets.key` in the data directory, JSON, the key that writes first. */
export class KeyFile {
  readonly path: string;
  readonly #protection: KeyProtection;

  constructor(path: string, protection: KeyProtection) {
    this.path = path;
    this.#protection = protection;
  }

  /** Undefined when there is no such file. Throws, naming the file, for one that is not whole, is not ours, or belongs to another machine. */
  async read(): Promise<SecretKey[] | undefined> {
    await removeUnfinished(this.path);
    await this.#keepPrivate();
    const text = await readIfThere(this.path);
    if (text === undefined) return undefined;
    const content = this.#parse(text);
    if (content.protection !== this.#protection.name) {
      throw this.#error(`is protected by ${content.protection}, here it would be ${this.#protection.name}`);
    }
    const keys = content.keys.map((kept) => this.#toKey(kept));
    if (keys.length === 0) throw this.#error("holds no key");
    return keys;
  }

  /** Durable when it resolves; whole or not at all. */
  async write(keys: readonly SecretKey[]): Promise<void> {
    await writePrivateFile(this.path, keyFileText(keys, this.#protection));
  }

  /** Where users have numbers: a link, or another's file, decides which keys we use; so it is refused. Rights of others are taken away. */
  async #keepPrivate(): Promise<void> {
    const stat = await lstat(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (!stat) return;
    if (!stat.isFile()) throw this.#error("is not a file");
    const uid = process.getuid?.();
    if (uid === undefined) return;
    if (stat.uid !== uid) throw this.#error(`belongs to another user (uid ${stat.uid})`);
    if (stat.mode & 0o077) await chmod(this.path, 0o600);
  }

  #parse(text: string): Content {
    try {
      const content = JSON.parse(text) as Content;
      const isOurs = content.kind === "SecretKeys" && content.version === 1 && content.keys.every(isKept);
      if (isOurs) return content;
    } catch {
      // The caller reports both in the same words.
    }
    throw this.#error("is damaged: it is no list of keys that this version knows");
  }

  #toKey({ id, created, key }: Content["keys"][number]): SecretKey {
    let bytes: Buffer;
    try {
      bytes = this.#protection.unprotect(Buffer.from(key, "base64"), id);
    } catch (error) {
      throw this.#error(`cannot be used: key ${id} was protected on another machine, or is damaged`, error);
    }
    if (bytes.length !== KEY_BYTES || idOf(bytes) !== id) throw this.#error(`is damaged: key ${id} is not what it was`);
    return { id, created, key: createSecretKey(bytes) };
  }

  #error(problem: string, cause?: unknown): Error {
    return new Error(`${this.path} ${problem}`, { cause });
  }
}

const isKept = ({ id, created, key }: Content["keys"][number]): boolean =>
  [id, created, key].every((text) => typeof text === "string");

/** What a key file says. */
export function keyFileText(keys: readonly SecretKey[], protection: KeyProtection): string {
  const content: Content = {
    kind: "SecretKeys",
    version: 1,
    protection: protection.name,
    keys: keys.map(({ id, created, key }) => ({
      id,
      created,
      key: protection.protect(key.export(), id).toString("base64"),
    })),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
