/** Finds what `wctl seal` seals. Whatever looks as if it held a secret and would stay readable is refused. */
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { isSealed } from "../age-file.ts";
import { fieldPath } from "../field-path.ts";
import { ManifestError } from "../manifest-error.ts";
import type { YamlDocument } from "../yaml/yaml-document.ts";
import { recipientsOf, withoutArmor } from "./age-header.ts";
import type { Place } from "./sealed-values.ts";
import { SealingError } from "./sealing-error.ts";

type Path = readonly (string | number)[];

/** A Secret, and where it stands in its document. */
interface Found {
  secret: JsonObject;
  path: Path;
  document: YamlDocument;
}

export interface SecretValue {
  path: Path;
  isSealed: boolean;
  /** What is to be sealed: of `data` what its base64 stands for. */
  plain(): string | Uint8Array;
  /** As messages call it: `stringData.password`. */
  name: string;
  place(): Place;
}

/** A document is a Secret, or a List that has some. Throws ManifestError for what is nearly one. */
export function secretsIn(document: YamlDocument, value: unknown = document.value, path: Path = []): Found[] {
  if (!isObject(value)) return [];
  const found = { secret: value, path, document };
  const { apiVersion, kind, items } = value;
  if (apiVersion === "v1" && kind === "Secret") return [found];
  if (/^secrets?$/i.test(String(kind)) && /^v1/i.test(String(apiVersion)))
    refuse(found, ["kind"], "a Secret has apiVersion: v1 and kind: Secret: nothing of this one would be sealed");
  if (!String(kind).endsWith("List") || !Array.isArray(items)) return [];
  return items.flatMap((item, index) => secretsIn(document, item, [...path, "items", index]));
}

const FIELDS = new Set(["apiVersion", "kind", "metadata", "type", "immutable", "data", "stringData"]);

/** What `kubectl apply` notes down: the whole Secret, readable. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** Throws ManifestError. */
export function valuesOf(found: Found): SecretValue[] {
  const { secret } = found;
  for (const field of Object.keys(secret)) {
    if (!FIELDS.has(field)) refuse(found, [field], `a Secret has no field ${field}, and it would stay readable`);
  }
  const { annotations } = (secret.metadata ?? {}) as { annotations?: unknown };
  if (isObject(annotations) && LAST_APPLIED in annotations) {
    const problem = "this annotation shows what the Secret holds: remove it";
    refuse(found, ["metadata", "annotations", LAST_APPLIED], problem);
  }
  return ["data", "stringData"].flatMap((field) => {
    const members = secret[field] ?? {};
    if (!isObject(members)) return refuse(found, [field], `${field} of a Secret is a map: write KEY: VALUE`);
    return Object.entries(members).map(([key, text]) => secretValue(found, [field, key], text));
  });
}

function secretValue(found: Found, steps: Path, text: unknown): SecretValue {
  if (typeof text !== "string") return refuse(found, steps, "a value of a Secret is a string: put it in quotes");
  const isData = steps[0] === "data";
  if (isSealed(text)) mustBeWhole(found, steps, text);
  else if (isData && !isBase64(text)) refuse(found, steps, "data holds base64: put text into stringData");
  const path = [...found.path, ...steps];
  const plain = (): string | Uint8Array => (isData ? Buffer.from(text, "base64") : text);
  return { path, isSealed: isSealed(text), name: fieldPath(path), place: () => placeOf(found, path), plain };
}

/** Behind the first line of an age file there may be anything, which would be kept as it is. */
function mustBeWhole(found: Found, steps: Path, text: string): void {
  try {
    recipientsOf(withoutArmor(text));
  } catch (error) {
    if (!(error instanceof SealingError)) throw error;
    refuse(found, steps, error.message);
  }
}

/** With padding, as the server wants it; line ends do not count. */
function isBase64(text: string): boolean {
  const one = text.replace(/[\r\n]+/g, "");
  return one.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(one);
}

function refuse(found: Found, steps: Path, problem: string): never {
  throw new ManifestError(placeOf(found, [...found.path, ...steps]), problem);
}

function placeOf({ document }: Found, path: Path): Place {
  const { file, line, document: index, lineOf } = document;
  return { file, document: index, ...(lineOf(fieldPath(path)) ?? { line, column: 1 }) };
}
