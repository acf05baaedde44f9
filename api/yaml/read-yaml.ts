/** Reads any YAML at once. It brings the `yaml` package along: who must start quickly imports `read-yaml-lazily.ts`. */
import { compose } from "./compose.ts";
import type { Composed, YamlReading } from "./composed.ts";
import { simpleYaml } from "./simple/simple-yaml.ts";
import { type PlainDocument, plainDocuments, withLines, type YamlDocument } from "./yaml-document.ts";
import { yamlText } from "./yaml-text.ts";

/**
 * The documents of a file, in order; those without content are left out. Throws a ManifestError that names the place and what to do:
 * for what is not YAML, duplicate keys, merge keys, tags, keys that could reach a prototype, bombs, and all that JSON cannot hold. With `onFault` it
 * throws only what keeps the whole file from being read.
 */
export const readYaml = (source: string | Uint8Array, file: string, reading?: YamlReading): YamlDocument[] =>
  readPlain(source, file, reading).map((document) => withLines(document, composeAny));

/** The same as plain data. */
export function readPlain(source: string | Uint8Array, file: string, reading?: YamlReading): PlainDocument[] {
  const text = yamlText(source, file);
  return plainDocuments(text, file, composeAny(text, file, reading));
}

/** What is simple by our own reader, everything else by the library. */
export const composeAny = (text: string, file: string, reading?: YamlReading): Composed[] =>
  simpleYaml(text, reading) ?? compose(text, file, reading);
