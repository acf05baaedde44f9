import { randomInt } from "node:crypto";
import { isAlreadyExists } from "../../api/errors.ts";

/** No vowels, so that no words come up; as in Kubernetes. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 5;
const LONGEST_BASE = 63 - SUFFIX_LENGTH;

/** A name that begins with `base` and ends with five random characters; at most 63 long. */
export function generateName(base: string): string {
  let name = base.slice(0, LONGEST_BASE);
  for (let count = 0; count < SUFFIX_LENGTH; count++) name += ALPHABET[randomInt(ALPHABET.length)];
  return name;
}

/** How often a generated name that is taken is replaced by another. */
const MOST_NAMES = 8;

/** What `create` makes under a generated name that is not taken. Rejects as it does. */
export async function underNewName<T>(base: string, create: (name: string) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await create(generateName(base));
    } catch (error) {
      if (!isAlreadyExists(error) || attempt === MOST_NAMES) throw error;
    }
  }
}
