import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { fieldPath } from "../field-path.ts";
import { ManifestError } from "../manifest-error.ts";
import { parseManifests } from "../manifests/manifest.ts";
import { type Replacement, replaceStrings } from "../yaml/replace-strings.ts";
import { readYaml, type YamlDocument } from "../yaml/yaml-document.ts";
import { yamlText } from "../yaml/yaml-text.ts";
import { mustBeSecrets } from "./open-manifests.ts";
import type { Seal } from "./seal.ts";
import { isSealed } from "./sealed.ts";

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
    for (const value of secretsIn(document.value, []).flatMap((secret) => valuesOf(secret, document))) {
      if (isSealed(value.text)) kept++;
      else {
        values.push(value);
        replacements.push({ document: document.document, path: value.path, text: await seal(value.plain()) });
      }
    }
  }
  if (replacements.length + kept === 0) {
    throw new ManifestError({ file, document: 1, line: 1, column: 1 }, "there is no Secret here that has values");
  }
  const text = replace(yamlText(source, file), file, replacements);
  const shown = values.filter((value) => isShown(value, text)).map(({ place }) => place());
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

interface Found {
  secret: JsonObject;
  path: (string | number)[];
}

/** A document is a Secret, or a List that has some. */
function secretsIn(value: unknown, path: (string | number)[]): Found[] {
  if (!isObject(value)) return [];
  if (value.apiVersion === "v1" && value.kind === "Secret") return [{ secret: value, path }];
  if (!String(value.kind).endsWith("List") || !Array.isArray(value.items)) return [];
  return value.items.flatMap((item, index) => secretsIn(item, [...path, "items", index]));
}

/** What `kubectl apply` notes down: the whole Secret, readable. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

interface SecretValue {
  path: (string | number)[];
  text: string;
  /** What is to be sealed: of `data` what its base64 stands for. */
  plain(): string | Uint8Array;
  /** For messages. */
  place(): string;
}

function valuesOf({ secret, path }: Found, document: YamlDocument): SecretValue[] {
  const placeOf = (steps: readonly (string | number)[]) => ({
    file: document.file,
    document: document.document,
    ...(document.lineOf(fieldPath(steps)) ?? { line: document.line, column: 1 }),
  });
  const refuse = (steps: readonly (string | number)[], problem: string): never => {
    throw new ManifestError(placeOf(steps), problem);
  };
  const { annotations } = (secret.metadata ?? {}) as { annotations?: unknown };
  if (isObject(annotations) && LAST_APPLIED in annotations) {
    refuse(
      [...path, "metadata", "annotations", LAST_APPLIED],
      "this annotation shows what the Secret holds: remove it",
    );
  }
  return ["data", "stringData"].flatMap((field) => {
    const members = secret[field] ?? {};
    if (!isObject(members)) return refuse([...path, field], `${field} of a Secret is a map: write KEY: VALUE`);
    return Object.entries(members).map(([key, text]) => {
      const steps = [...path, field, key];
      if (typeof text !== "string") return refuse(steps, "a value of a Secret is a string: put it in quotes");
      if (field === "data" && !isSealed(text) && !BASE64.test(text))
        return refuse(steps, "data holds base64: put text into stringData");
      const place = (): string => {
        const { file, line, column } = placeOf(steps);
        return `${file}:${line}:${column}: ${fieldPath(steps)}`;
      };
      return { path: steps, text, place, plain: () => (field === "data" ? Buffer.from(text, "base64") : text) };
    });
  });
}

const BASE64 = /^(?:[A-Za-z0-9+/\r\n])*={0,2}[\r\n]*$/;

function replace(text: string, file: string, replacements: readonly Replacement[]): string {
  try {
    return replaceStrings(text, replacements);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const problem = "a value of a Secret is an alias: write it out, or it would stay readable where its anchor is";
    throw new ManifestError({ file, document: 1, line: 1, column: 1 }, problem);
  }
}
