/** Looks at the header of an age file before any key is tried. */

import { ARMOR_BEGIN } from "../age-file.ts";
import { MAX_BODY_BYTES } from "../limits.ts";
import { SealingError } from "./sealing-error.ts";

/** Each costs an attempt with every identity. */
export const MAX_RECIPIENTS = 20;

/** Of those recipients, of the largest kind. */
const MAX_HEADER_BYTES = 2048 * (MAX_RECIPIENTS + 1);

/** The header, and what age adds to each 64 KiB. */
const MAX_FILE_BYTES = MAX_BODY_BYTES + MAX_HEADER_BYTES + 4096;

const ARMOR = new RegExp(`^\\s*${ARMOR_BEGIN}\r?\n(?:[A-Za-z0-9+/=]{1,64}\r?\n)+-----END AGE ENCRYPTED FILE-----\\s*$`);

/** The file without its armor. Throws SealingError when it is too large, or not whole. */
export function withoutArmor(source: string | Uint8Array): Uint8Array {
  // Base64 and line ends take 65 characters for 48 bytes.
  if (source.length > MAX_FILE_BYTES * 1.4) throw new SealingError("what is sealed is too large: split it");
  const head = typeof source === "string" ? source : Buffer.from(source.subarray(0, 200)).toString("latin1");
  if (!head.trimStart().startsWith("-----BEGIN")) {
    if (typeof source === "string") throw new SealingError("this is not an age file");
    return source;
  }
  const text = typeof source === "string" ? source : Buffer.from(source).toString("latin1");
  if (!ARMOR.test(text))
    throw new SealingError("the sealed text is damaged: copy it whole, with its first and its last line");
  return Buffer.from(text.replace(/-----[A-Z ]+-----/g, ""), "base64");
}

/** How many recipients could be tried. Throws SealingError for what is refused without a try. */
export function recipientsOf(bytes: Uint8Array): number {
  if (bytes.length > MAX_FILE_BYTES) throw new SealingError("what is sealed is too large: split it");
  const head = Buffer.from(bytes.subarray(0, MAX_HEADER_BYTES)).toString("latin1");
  if (!head.startsWith("age-encryption.org/v1\n")) throw new SealingError("this is not an age file of version 1");
  const end = head.indexOf("\n--- ");
  if (end < 0) throw new SealingError("the header of the sealed text is damaged or too large");
  const kinds = [...head.slice(0, end + 1).matchAll(/\n-> (\S*)/g)].map(([, kind]) => kind);
  if (kinds.length > MAX_RECIPIENTS) throw new SealingError(`it is sealed for more than ${MAX_RECIPIENTS} recipients`);
  if (kinds.includes("scrypt")) {
    throw new SealingError("it is sealed with a passphrase, which is slow to try: seal it for a recipient (age1...)");
  }
  return kinds.length;
}
