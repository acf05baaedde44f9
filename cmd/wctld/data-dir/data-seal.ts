import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import type { KeyProtection } from "../../../apiserver/encryption/key-protection.ts";
import type { Seal } from "../../../controllers/instance/launch/seal.ts";

/** AES-256-GCM, NIST SP 800-38D: 96 bits of nonce, a tag of 128. */
const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals for the records of runs what is as secret as the Secrets: under a key that is made from that of the data directory, and protected by the system
 * as the keys of the Secrets are. So it is no weaker than they are.
 */
export class DataSeal implements Seal {
  readonly #key: Buffer;
  readonly #protection: KeyProtection;

  /** `secret`: at least 32 random bytes of this data directory. */
  constructor(secret: Buffer, protection: KeyProtection) {
    this.#key = createHmac("sha256", secret).update("sealed texts").digest();
    this.#protection = protection;
  }

  seal(text: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context));
    const hidden = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    const bytes = Buffer.concat([nonce, cipher.getAuthTag(), hidden]);
    return this.#protection.protect(bytes, context).toString("base64");
  }

  open(sealed: string, context: string): string | undefined {
    try {
      const bytes = this.#protection.unprotect(Buffer.from(sealed, "base64"), context);
      const decipher = createDecipheriv(CIPHER, this.#key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
    } catch {
      return undefined;
    }
  }
}
