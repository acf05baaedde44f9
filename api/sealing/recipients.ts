import { setImmediate } from "node:timers/promises";
import { parseIdentities } from "./identities.ts";
import { SealingError } from "./sealing-error.ts";

const POST_QUANTUM = "age1pq1";

/** Whom others seal for, so that one of these identities opens it: no secrets. `texts`: as of `Opener.with`. Rejects with SealingError. */
export async function recipientsFor(texts: readonly string[]): Promise<string[]> {
  const identities = parseIdentities(texts);
  const { identityToRecipient } = await import("age-encryption");
  const recipients: string[] = [];
  for (const identity of identities) {
    // Post-quantum arithmetic of many milliseconds; others have their turn in between.
    await setImmediate();
    recipients.push(await identityToRecipient(identity).catch(damaged));
  }
  return recipients;
}

/** Of one who has both kinds, those that withstand quantum computers: beside another kind they would not. */
export function strongest(recipients: readonly string[]): readonly string[] {
  const postQuantum = recipients.filter(isPostQuantum);
  return postQuantum.length > 0 ? postQuantum : recipients;
}

export const isPostQuantum = (recipient: string): boolean => recipient.startsWith(POST_QUANTUM);

function damaged(): never {
  throw new SealingError("an age identity is damaged: copy it whole");
}
