/** What is sealed, by its looks. No library is needed to tell. */

export const ARMOR_BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";

/** An armored age file, whole or damaged, with nothing before it. */
export const isSealed = (text: string): boolean => /^\s*-----BEGIN AGE ENCRYPTED FILE-----/.test(text);

/** `secrets.yaml.age`: a file that is sealed whole, armored or not. */
export const isSealedFile = (path: string): boolean => /\.(?:ya?ml|json)\.age$/i.test(path);

/** Why something can't be sealed or opened. Quotes neither values nor keys. */
export class SealingError extends Error {
  override readonly name = "SealingError";
}
