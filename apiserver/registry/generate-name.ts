import { randomInt } from "node:crypto";

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
