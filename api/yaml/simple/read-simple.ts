import type { YamlReading } from "../composed.ts";
import { plainDocuments, withLines, type YamlDocument } from "../yaml-document.ts";
import { simpleYaml } from "./simple-yaml.ts";

/** The documents of a simple text, as `readYaml` has them; undefined when it is not simple. */
export function readSimple(text: string, file: string, reading?: YamlReading): YamlDocument[] | undefined {
  const composed = simpleYaml(text, reading);
  return composed && plainDocuments(text, file, composed).map((document) => withLines(document, composeSimple));
}

/** A document of a simple text is simple. */
const composeSimple = (text: string): ReturnType<typeof simpleYaml> & object => simpleYaml(text) ?? [];
