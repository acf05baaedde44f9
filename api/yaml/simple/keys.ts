import { isForbiddenKey } from "../../limits.ts";
import { COLON, DOUBLE_QUOTE, SINGLE_QUOTE, SPACE } from "./characters.ts";
import { endOfPlain, plainText, typed } from "./plain-scalar.ts";
import { quotedInLine } from "./quoted-scalar.ts";
import { unsure } from "./unsure.ts";

/** YAML allows a key 1024 characters. */
const LONGEST_KEY = 1000;

export interface Key {
  name: string;
  /** Of its first character. */
  offset: number;
  /** Behind its colon. */
  after: number;
}

export const isQuote = (code: number): boolean => code === DOUBLE_QUOTE || code === SINGLE_QUOTE;

/** The key of a block map that begins at `offset`; undefined for what is no key. */
export function blockKey(text: string, offset: number, end: number): Key | undefined {
  if (isQuote(text.charCodeAt(offset))) {
    const key = quotedInLine(text, offset, end);
    if (!key) return undefined;
    const { value, after } = key;
    if (text.charCodeAt(after) !== COLON || after >= end) return undefined;
    if (after + 1 < end && text.charCodeAt(after + 1) !== SPACE) throw unsure;
    return { name: value, offset, after: after + 1 };
  }
  const colon = endOfPlain(text, offset, end, false);
  if (text.charCodeAt(colon) !== COLON || colon >= end) return undefined;
  return { name: plainKey(plainText(text, offset, colon)), offset, after: colon + 1 };
}

/** Numbers and booleans are taken as they are written; null is no key, and `<<` would merge. */
export function plainKey(text: string): string {
  if (text === "<<" || typed(text) === null) throw unsure;
  return text;
}

export function mustBeNew(map: object, { name, offset, after }: Key): void {
  if (after - offset > LONGEST_KEY || isForbiddenKey(name) || Object.hasOwn(map, name)) throw unsure;
}
