import { createHash, createSecretKey, type KeyObject, randomBytes } from "node:crypto";

/** A key for records, 256 bits. */
export interface SecretKey {
  /** 16 hexadecimal digits, derived from the key itself: no other key has this id, and a damaged key does not match it. */
  id: string;
  /** RFC 3339. */
  created: string;
  key: KeyObject;
}

export const KEY_BYTES = 32;

export function newSecretKey(now: Date): SecretKey {
  const bytes = randomBytes(KEY_BYTES);
  return { id: idOf(bytes), created: now.toISOString(), key: createSecretKey(bytes) };
}

export const idOf = (bytes: Uint8Array): string =>
  createHash("sha256").update("wctl secret key\0").update(bytes).digest("hex").slice(0, 16);
