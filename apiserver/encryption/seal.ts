import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { StorageRecord } from "../../store/transformer.ts";
import type { SecretKey } from "./secret-key.ts";

/** AES-256-GCM, NIST SP 800-38D: 96 bits of nonce, a tag of 128. With random nonces one key is good for 2^32 records. */
const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Which cipher, which layout; as the kube-apiserver begins its own. */
const SCHEME = "wctl:enc:aesgcm:v1";
const shape = new RegExp(`^${SCHEME}:([0-9a-f]{16}):(.*):([A-Za-z0-9+/]+={0,2})$`, "s");

export interface Sealed {
  keyId: string;
  uid: string;
  /** Nonce, tag, ciphertext. */
  bytes: Buffer;
}

/** `SCHEME:KEY:UID:BASE64`. What stands before the last colon is authenticated too, and so is the place: a record fits nowhere else. */
export function seal({ id, key }: SecretKey, record: StorageRecord): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(placeOf(id, record));
  const hidden = Buffer.concat([cipher.update(record.json, "utf8"), cipher.final()]);
  const bytes = Buffer.concat([nonce, cipher.getAuthTag(), hidden]);
  return `${SCHEME}:${id}:${record.uid}:${bytes.toString("base64")}`;
}

/** Undefined for what does not look like a sealed record at all. */
export function parseSealed(stored: string): Sealed | undefined {
  const [, keyId, uid, data] = shape.exec(stored) ?? [];
  if (keyId === undefined || uid === undefined || data === undefined) return undefined;
  return { keyId, uid, bytes: Buffer.from(data, "base64") };
}

/** Returns the JSON. Throws when a bit has changed, or when the key or the place is not the one it was sealed with. */
export function unseal(key: SecretKey, { uid, bytes }: Sealed, place: { path: string; revision: number }): string {
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key.key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(placeOf(key.id, { ...place, uid }))
    .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
}

/** A list in JSON has one reading, whatever characters its parts hold. */
const placeOf = (keyId: string, { path, uid, revision }: Omit<StorageRecord, "json">): Buffer =>
  Buffer.from(JSON.stringify([SCHEME, keyId, path, uid, revision]));
