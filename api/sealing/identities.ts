/** age identities, as people keep them in a Secret or a file. */
import { SealingError } from "./sealing-error.ts";

const IDENTITY = /^AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{10,200}$/;

/** Each is tried for every recipient. */
const MAX_IDENTITIES = 10;

/** One on each line; empty lines and those that begin with # are skipped, as age-keygen writes them. Throws SealingError. */
export function parseIdentities(texts: readonly string[]): string[] {
  const identities = new Set(texts.flatMap(linesOf));
  if (identities.size === 0) throw new SealingError("there is no age identity (AGE-SECRET-KEY-1...)");
  if (identities.size > MAX_IDENTITIES) throw new SealingError(`there are more than ${MAX_IDENTITIES} age identities`);
  for (const identity of identities) {
    if (!IDENTITY.test(identity)) throw new SealingError("a line is not an age identity (AGE-SECRET-KEY-1...)");
  }
  return [...identities];
}

/** One on each line, in the same way. */
export const parseRecipients = (text: string): string[] => linesOf(text);

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
