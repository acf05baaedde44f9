import { createHmac, hash } from "node:crypto";
import { isIntact } from "../../../api/content/kept-copy.ts";
import { type Key, type KubeObject, keyOf, type Stored } from "../../../api/object.ts";
import type { ConfigMap, Secret } from "../../../api/types.generated.ts";

/** 72 bits: two values never have the same one by chance, and a name made from it stays short. */
const LENGTH = 12;

/** A ConfigMap or Secret without its values: of each key only a digest. */
export interface DigestedContent extends KubeObject {
  digests: Readonly<Record<string, string>>;
  /** It is a copy that is kept for revisions, and as it was made. */
  isKept?: true;
}

/**
 * Digests by which one sees that a value has changed and nothing else of it: they are codes under a key that only this daemon has, over the value
 * and its place, so nobody can try values out, and equal values of two places have different ones. They last as long as the data directory.
 */
export class ContentDigests {
  readonly #key: string;
  /** Names the key, so that digests which were made with another one are not compared. */
  readonly keyName: string;

  /** `secret`: at least 32 random bytes of this data directory. */
  constructor(secret: Buffer) {
    this.#key = createHmac("sha256", secret).update("content digests").digest("base64url");
    this.keyName = this.#digest("the name of the key");
  }

  /** What a cache keeps of an Object. */
  of(object: Stored<ConfigMap | Secret>): Stored<DigestedContent> {
    const { apiVersion, kind, metadata } = object;
    const values = Object.entries({ ...("binaryData" in object ? object.binaryData : {}), ...object.data });
    const place = `${kind}/${keyOf(object)}`;
    const digests = values.map(([key, value]) => [key, this.#digest(`${place}/${key}\n${value}`)]);
    return {
      apiVersion,
      kind,
      metadata,
      digests: Object.fromEntries(digests),
      ...(isIntact(object) && { isKept: true as const }),
    };
  }

  /** A secret for the copy of what has these digests: the same for the same content of the same place. */
  saltOf(plural: string, key: Key, digests: Readonly<Record<string, string>>): string {
    const text = JSON.stringify(Object.entries(digests).sort(([a], [b]) => (a < b ? -1 : 1)));
    return this.#code(`the salt of ${plural}/${key}\n${text}`);
  }

  /** A code in two rounds, as HMAC is, by the call that is made for short texts: all values are read when the daemon begins. */
  #code(text: string): string {
    const inner = hash("sha256", this.#key + text, "base64url");
    return hash("sha256", this.#key + inner, "base64url");
  }

  #digest(text: string): string {
    return this.#code(text).slice(0, LENGTH);
  }
}
