/** Writes any YAML at once. It brings the `yaml` package along: who must start quickly imports `to-yaml-lazily.ts`. */
import { Document, visit } from "yaml";
import { simpleText } from "./simple/write-simple.ts";

/** A value as kubectl prints YAML: keys sorted, lists at the indentation of their key, ambiguous words in quotes. */
export const toYaml = (value: unknown): string => simpleText(value) ?? libraryText(value);

export function libraryText(value: unknown): string {
  const document = new Document(value, { compat: "yaml-1.1", aliasDuplicateObjects: false, sortMapEntries: true });
  // Block scalars cannot keep spaces at their edges; kubectl quotes such strings too.
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && /^\s|[ \t]\n|[ \t]$/.test(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString({ indentSeq: false, lineWidth: 0 });
}
