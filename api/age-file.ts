/** What is sealed, by its looks. No library is needed to tell. */

export const ARMOR_BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
const ARMOR_END = "-----END AGE ENCRYPTED FILE-----";

/** An armored age file, whole or damaged, with nothing before it. */
export const isSealed = (text: string): boolean => /^\s*-----BEGIN AGE ENCRYPTED FILE-----/.test(text);

const BINARY_BEGIN = Buffer.from("age-encryption.org/v1\n");

/** The armored text of an age file, which may have none yet; undefined for what is no age file. */
export function armoredText(content: string | Uint8Array): string | undefined {
  if (typeof content === "string" && isSealed(content)) return content;
  const bytes = Buffer.from(content as Uint8Array);
  if (!bytes.subarray(0, BINARY_BEGIN.length).equals(BINARY_BEGIN)) return undefined;
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return [ARMOR_BEGIN, ...lines, ARMOR_END, ""].join("\n");
}

/** `secrets.yaml.age`: a file that is sealed whole, armored or not. */
export const isSealedFile = (path: string): boolean => /\.(?:ya?ml|json)\.age$/i.test(path);
