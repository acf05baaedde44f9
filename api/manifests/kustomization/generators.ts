import type { JsonObject } from "../../../lib/json-object.ts";
import { armoredText } from "../../age-file.ts";
import { isForbiddenKey } from "../../limits.ts";
import type { KubeObject } from "../../object.ts";
import { type Copies, widthOf } from "./budget.ts";
import { asObject, type Built, changed, idOf, idsOf, isMeant, mapOf } from "./built.ts";
import type { Fields } from "./fields.ts";

/** Finds the bytes of a file that a field names; throws when it is not there. */
export type FileOf = (fields: Fields, field: string, entry: string) => Uint8Array;

export interface Generated {
  object: KubeObject;
  behavior: "create" | "merge" | "replace";
  fields: Fields;
  /** Characters that it holds, and what its values cost beside. */
  size: number;
}

/** Of one ConfigMap or Secret; and lines of a file of variables. */
const MOST_VALUES = 10_000;
/** In characters: many short ones take longer than a long one. */
const COST_OF_VALUE = 64;

const UNSUPPORTED = { env: "use envs", immutable: "its name has no hash, so a change could not come in" };
const OPTIONS_UNSUPPORTED = { immutable: UNSUPPORTED.immutable };

/** A ConfigMap or a Secret from an entry of its generator. Its name has no hash: a change of content rolls out by itself here. */
export function generated(
  kind: "ConfigMap" | "Secret",
  fields: Fields,
  general: Fields | undefined,
  fileOf: FileOf,
): Generated {
  const known = ["name", "namespace", "behavior", "literals", "files", "envs", "options"];
  fields.only(kind === "Secret" ? [...known, "type"] : known, UNSUPPORTED);
  const name = fields.text("name");
  if (name === undefined) throw fields.refuse("", "a generator must have a name");
  const behavior = fields.text("behavior") ?? "create";
  if (behavior !== "create" && behavior !== "merge" && behavior !== "replace") {
    throw fields.refuse("behavior", "must be create, merge or replace");
  }
  const options = [general, fields.map("options")];
  for (const one of options) checkOptions(one);
  const values = valuesOf(fields, fileOf);
  const [namespace, type] = [fields.text("namespace"), kind === "Secret" ? fields.text("type") : undefined];
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...merged("labels", options),
    ...merged("annotations", options),
  };
  if (kind === "ConfigMap" && [...values.values()].some((value) => armoredText(value) !== undefined))
    throw fields.refuse("", "it has something that is sealed, which is opened in a Secret only: use secretGenerator");
  const content = kind === "Secret" ? secretContent(values) : configMapContent(values);
  const object = asObject({ apiVersion: "v1", kind, metadata, ...(type === undefined ? {} : { type }), ...content });
  return { object, behavior, fields, size: JSON.stringify(object).length + COST_OF_VALUE * values.size };
}

function checkOptions(options: Fields | undefined): void {
  options?.only(["labels", "annotations", "disableNameSuffixHash"], OPTIONS_UNSUPPORTED);
  if (options?.flag("disableNameSuffixHash") === false) {
    throw options.refuse("disableNameSuffixHash", "must be true or absent: names have no hash here");
  }
}

function merged(field: "labels" | "annotations", options: readonly (Fields | undefined)[]): JsonObject {
  const all = Object.assign({}, ...options.map((one) => one?.pairs(field) ?? {})) as JsonObject;
  return Object.keys(all).length === 0 ? {} : { [field]: all };
}

/** Text, or bytes that are none. */
type Value = string | Uint8Array;

function valuesOf(fields: Fields, fileOf: FileOf): Map<string, Value> {
  const values = new Map<string, Value>();
  const put = (at: string, key: string, value: Value): void => {
    if (!/^[A-Za-z0-9._-]{1,253}$/.test(key) || isForbiddenKey(key)) {
      throw fields.refuse(at, "its key must be 1 to 253 letters, digits, - _ and .");
    }
    if (values.has(key)) throw fields.refuse(at, `there are two values of the key ${key}`);
    if (values.size === MOST_VALUES) throw fields.refuse(at, `there are more than ${MOST_VALUES} values`);
    values.set(key, value);
  };
  for (const [index, entry] of fields.texts("envs").entries()) {
    const at = `envs[${index}]`;
    for (const [key, value] of variables(fields, at, fileOf(fields, at, entry))) put(at, key, value);
  }
  for (const [index, entry] of fields.texts("files").entries()) {
    const [at, cut] = [`files[${index}]`, entry.indexOf("=")];
    const path = entry.slice(cut + 1);
    put(at, cut < 0 ? (path.split("/").at(-1) ?? "") : entry.slice(0, cut), textOrBytes(fileOf(fields, at, path)));
  }
  for (const [index, entry] of fields.texts("literals").entries()) {
    const [at, cut] = [`literals[${index}]`, entry.indexOf("=")];
    if (cut < 1) throw fields.refuse(at, "must be KEY=VALUE");
    put(at, entry.slice(0, cut), unquoted(entry.slice(cut + 1)));
  }
  return values;
}

/** As kustomize reads them: a line each, `#` begins a comment, quotes belong to the value. A key without value would come from its environment. */
function variables(fields: Fields, at: string, bytes: Uint8Array): [string, string][] {
  const text = textOrBytes(bytes);
  if (typeof text !== "string") throw fields.refuse(at, "the file is no UTF-8");
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/, MOST_VALUES + 1);
  if (lines.length > MOST_VALUES) throw fields.refuse(at, `the file has more than ${MOST_VALUES} lines`);
  return lines
    .map((line) => line.trimStart())
    .flatMap((line, index): [string, string][] => {
      if (line === "" || line.startsWith("#")) return [];
      const cut = line.indexOf("=");
      if (cut < 1) throw fields.refuse(at, `line ${index + 1} of the file must be KEY=VALUE`);
      return [[line.slice(0, cut), line.slice(cut + 1)]];
    });
}

function unquoted(text: string): string {
  const isQuoted = text.length > 1 && /^["']/.test(text) && text.at(-1) === text[0];
  return isQuoted ? text.slice(1, -1) : text;
}

function textOrBytes(bytes: Uint8Array): Value {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}

const base64 = (value: Value): string => Buffer.from(value as string).toString("base64");

function configMapContent(values: ReadonlyMap<string, Value>): JsonObject {
  const [text, bytes] = [new Map<string, string>(), new Map<string, string>()];
  for (const [key, value] of values) {
    if (typeof value === "string") text.set(key, value);
    else bytes.set(key, base64(value));
  }
  return { ...section("data", text), ...section("binaryData", bytes) };
}

/** What is sealed stays readable as such: it is opened later, to text or to bytes. */
const secretContent = (values: ReadonlyMap<string, Value>): JsonObject =>
  section("data", new Map(Array.from(values, ([key, value]) => [key, armoredText(value) ?? base64(value)])));

const section = (name: string, values: ReadonlyMap<string, string>): JsonObject =>
  values.size === 0 ? {} : { [name]: Object.fromEntries(values) };

/** Puts what was generated to the others: as one more, or into the one of the same name from a folder below. */
export function addGenerated(all: readonly Built[], one: Generated, copies: Copies): Built[] {
  const { object, behavior, fields } = one;
  const { document } = fields;
  const places = all.flatMap((built, place) => (idsOf(built).some((id) => isMeant(id, idOf(object))) ? [place] : []));
  const [place] = places;
  if (behavior === "create") {
    const lineOf = () => document.lineOf(fields.path);
    const line = lineOf()?.line ?? document.line;
    const whole = object.kind === "Secret" ? asObject({ type: "Opaque", ...object }) : object;
    const manifest = { object: whole, file: document.file, document: document.document, line, lineOf };
    return [...all, { manifest, earlier: [] }];
  }
  if (place === undefined || places.length > 1) {
    const found = place === undefined ? "there is no" : "there is more than one";
    throw fields.refuse("behavior", `${found} ${object.kind} of that name to ${behavior}`);
  }
  const before = all[place] as Built;
  copies(widthOf(before.manifest.object) + membersOf(before.manifest.object));
  return all.with(place, changed(before, into(before, object, behavior)));
}

const CONTENT = ["data", "binaryData", "stringData"] as const;

const membersOf = (object: KubeObject & { [field in (typeof CONTENT)[number]]?: unknown }): number =>
  [object.metadata.labels, object.metadata.annotations, ...CONTENT.map((field) => object[field])]
    .map(widthOf)
    .reduce((all, width) => all + width, widthOf(object.metadata));

function into(built: Built, after: KubeObject, behavior: "merge" | "replace"): KubeObject {
  const { object: before } = built.manifest;
  const { metadata } = before;
  const joined = (field: "labels" | "annotations") => {
    const all = { ...mapOf(built, metadata[field], `metadata.${field}`), ...after.metadata[field] };
    return Object.keys(all).length > 0 && { [field]: all };
  };
  const [old, fresh] = [before, after] as unknown as [JsonObject, JsonObject];
  const keys = new Set(CONTENT.flatMap((field) => Object.keys((fresh[field] ?? {}) as JsonObject)));
  const result: JsonObject = {
    ...old,
    ...(fresh.type !== undefined && { type: fresh.type }),
    metadata: { ...metadata, ...joined("labels"), ...joined("annotations") },
  };
  for (const field of CONTENT) {
    const stays = behavior === "replace" ? [] : Object.entries(mapOf(built, old[field], field));
    const content = [...stays.filter(([key]) => !keys.has(key)), ...Object.entries((fresh[field] ?? {}) as JsonObject)];
    if (content.length > 0) result[field] = Object.fromEntries(content);
    else delete result[field];
  }
  return asObject(result);
}
