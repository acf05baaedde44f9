import { ManifestError } from "../manifest-error.ts";
import { parseManifests } from "../manifests/parse-manifests.ts";
import { readYaml } from "../yaml/read-yaml.ts";
import { type Replacement, replaceStrings, Unreplaceable } from "../yaml/replace-strings.ts";
import { yamlText } from "../yaml/yaml-text.ts";
import { mustBeSecrets } from "./open-manifests.ts";
import type { Seal } from "./seal.ts";
import { type SecretValue, secretsIn, valuesOf } from "./secret-values.ts";

export interface SealedText {
  text: string;
  /** Values that were sealed now. */
  sealed: number;
  /** Values that were sealed before; for whom is not known. */
  kept: number;
  /** Where a value stands that can still be read elsewhere in the text, as in a comment: `web.yaml:9:3: stringData.password`. */
  shown: string[];
}

/**
 * The same manifests with every value of every Secret sealed; other documents, and comments, as they are. Rejects with ManifestError for what can't be
 * sealed, and for a place where a value would stay readable.
 */
export async function sealManifests(source: Uint8Array, file: string, seal: Seal): Promise<SealedText> {
  parseManifests(source, file);
  const replacements: Replacement[] = [];
  const values: SecretValue[] = [];
  let kept = 0;
  for (const document of readYaml(source, file)) {
    for (const value of secretsIn(document).flatMap(valuesOf)) {
      if (value.isSealed) kept++;
      else {
        values.push(value);
        replacements.push({ document: document.document, path: value.path, text: await seal(value.plain()) });
      }
    }
  }
  if (replacements.length + kept === 0) {
    throw new ManifestError({ file, document: 1, line: 1, column: 1 }, "there is no Secret here that has values");
  }
  const placeOf = (value: SecretValue): string => {
    const { line, column } = value.place();
    return `${file}:${line}:${column}: ${value.name}`;
  };
  const text = replace(yamlText(source, file), values, replacements);
  const shown = values.filter((value) => isShown(value, text)).map(placeOf);
  return { text, sealed: replacements.length, kept, shown };
}

/** Shorter values are words that stand in any text. */
const SHORTEST = 8;

/** As text, or in base64. */
function isShown({ plain }: SecretValue, text: string): boolean {
  const bytes = Buffer.from(plain());
  const forms = [bytes.toString().trim(), bytes.toString("base64")];
  return forms.some((form) => form.length >= SHORTEST && text.includes(form));
}

/** A file of Secrets, sealed whole. */
export async function sealFile(source: Uint8Array, file: string, seal: Seal): Promise<string> {
  mustBeSecrets(parseManifests(source, file));
  return seal(source);
}

/** `values`: what is replaced, in the same order. */
function replace(text: string, values: readonly SecretValue[], replacements: readonly Replacement[]): string {
  try {
    return replaceStrings(text, replacements);
  } catch (error) {
    const value = error instanceof Unreplaceable && values[replacements.indexOf(error.replacement)];
    if (!value) throw error;
    const problem = "it is an alias: write it out, or it would stay readable where its anchor is";
    throw new ManifestError(value.place(), `${value.name}: ${problem}`);
  }
}
