import { isMap, isScalar, isSeq, parseAllDocuments, Scalar } from "yaml";

/** A string of a document, and what is to stand in its place. */
export interface Replacement {
  /** 1-based, empty documents counted. */
  document: number;
  /** Keys and indexes from the root. */
  path: readonly (string | number)[];
  text: string;
}

/** Something that is no scalar of its own. */
export class Unreplaceable extends Error {
  readonly replacement: Replacement;

  constructor(replacement: Replacement) {
    super("an alias stands there or on the way, or no string");
    this.replacement = replacement;
  }
}

/**
 * The text with other strings in it. Comments, order and the style of what is not replaced are kept; indentation and blank lines become the library's. Throws
 * Unreplaceable for a path that leads through an alias, or to no scalar. The text must have been read by `readYaml` already.
 */
export function replaceStrings(text: string, replacements: readonly Replacement[]): string {
  const documents = parseAllDocuments(text, { version: "1.2", schema: "core", uniqueKeys: false, logLevel: "silent" });
  if (!Array.isArray(documents)) return text;
  for (const replacement of replacements) {
    const node = replacement.path.reduce<unknown>(memberOf, documents[replacement.document - 1]?.contents);
    if (!isScalar(node)) throw new Unreplaceable(replacement);
    node.value = replacement.text;
    // Inside {} and [] the library writes it in quotes.
    node.type = Scalar.BLOCK_LITERAL;
  }
  return documents.map((one) => one.toString({ lineWidth: 0, doubleQuotedAsJSON: true })).join("");
}

/** An alias has none. Keys are strings; numbers and booleans are taken as they are written. */
function memberOf(node: unknown, step: string | number): unknown {
  if (isSeq(node)) return node.items[Number(step)];
  if (!isMap(node)) return undefined;
  return node.items.find(
    ({ key }) => isScalar(key) && (typeof key.value === "string" ? key.value : key.source) === step,
  )?.value;
}
