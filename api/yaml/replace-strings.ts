import { isAlias, isScalar, parseAllDocuments, Scalar } from "yaml";

/** A string of a document, and what is to stand in its place. */
export interface Replacement {
  /** 1-based, empty documents counted. */
  document: number;
  /** Keys and indexes from the root. */
  path: readonly (string | number)[];
  text: string;
}

/**
 * The text with other strings in it. Comments, order and the style of what is not replaced are kept; indentation and blank lines become the library's. Throws
 * a RangeError for a path that leads through an alias, or to no scalar. The text must have been read by `readYaml` already.
 */
export function replaceStrings(text: string, replacements: readonly Replacement[]): string {
  const documents = parseAllDocuments(text, { version: "1.2", schema: "core", uniqueKeys: false, logLevel: "silent" });
  if (!Array.isArray(documents)) return text;
  for (const { document, path, text: value } of replacements) {
    const root = documents[document - 1];
    for (let length = 1; length < path.length; length++) {
      if (isAlias(root?.getIn(path.slice(0, length), true))) throw new RangeError("an alias stands on the way");
    }
    const node = root?.getIn(path, true);
    if (!isScalar(node)) throw new RangeError("this is an alias, or no string");
    node.value = value;
    // Inside {} and [] the library writes it in quotes.
    node.type = Scalar.BLOCK_LITERAL;
  }
  return documents.map((one) => one.toString({ lineWidth: 0, doubleQuotedAsJSON: true })).join("");
}
