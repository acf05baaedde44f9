import { MAX_BODY_BYTES } from "../limits.ts";
import { MAX_RECIPIENTS } from "./age-header.ts";
import { isPostQuantum } from "./recipients.ts";
import { SealingError } from "./sealing-error.ts";

/** Armored, with a line end after its last line. */
export type Seal = (plain: string | Uint8Array) => Promise<string>;

/** Seals for all of these recipients (`age1...`). Rejects with SealingError, which says which of them is none. */
export async function sealFor(recipients: readonly string[]): Promise<Seal> {
  if (recipients.length === 0) throw new SealingError("there is no recipient (age1...)");
  if (recipients.length > MAX_RECIPIENTS) throw new SealingError(`there are more than ${MAX_RECIPIENTS} recipients`);
  const { Encrypter, armor } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of new Set(recipients)) {
    if (recipient.toUpperCase().startsWith("AGE-SECRET-KEY-")) {
      throw new SealingError("this is an identity, which must stay secret, and no recipient (age1...)");
    }
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw new SealingError(`${JSON.stringify(recipient.slice(0, 100))} is not an age recipient (age1...)`);
    }
  }
  // Each opens it alone, so the weakest counts. age itself refuses it too.
  if (recipients.some(isPostQuantum) && !recipients.every(isPostQuantum)) {
    throw new SealingError("recipients that withstand quantum computers (age1pq1...) and others are not for one value");
  }
  return async (plain) => {
    const bytes = typeof plain === "string" ? Buffer.from(plain) : plain;
    if (bytes.length > MAX_BODY_BYTES) throw new SealingError("this is too large to be sealed: split it");
    return armor.encode(await encrypter.encrypt(bytes));
  };
}

/** A new identity, and the recipient that others seal for. */
export async function generateIdentity(isPostQuantum: boolean): Promise<{ identity: string; recipient: string }> {
  const age = await import("age-encryption");
  const identity = await (isPostQuantum ? age.generateHybridIdentity() : age.generateX25519Identity());
  return { identity, recipient: await age.identityToRecipient(identity) };
}
