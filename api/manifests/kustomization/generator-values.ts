import type { JsonObject } from "../../../lib/json-object.ts";
import { armoredText } from "../../age-file.ts";
import { isForbiddenKey } from "../../limits.ts";
import type { Fields } from "./fields.ts";

/** Finds the bytes of a file that a field names; throws when it is not there. */
export type FileOf = (fields: Fields, field: string, entry: string) => Uint8Array;

/** Of one ConfigMap or Secret; and lines of a file of variables. */
const MOST_VALUES = 10_000;

/** Text, or bytes that are none. */
type Value = string | Uint8Array;

/** What an entry of a generator names, by key. Throws ManifestError, which quotes no value. */
export function valuesOf(fields: Fields, fileOf: FileOf): Map<string, Value> {
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

export function configMapContent(values: ReadonlyMap<string, Value>, fields: Fields): JsonObject {
  if ([...values.values()].some((value) => armoredText(value) !== undefined))
    throw fields.refuse("", "it has something that is sealed, which is opened in a Secret only: use secretGenerator");
  const [text, bytes] = [new Map<string, string>(), new Map<string, string>()];
  for (const [key, value] of values) {
    if (typeof value === "string") text.set(key, value);
    else bytes.set(key, base64(value));
  }
  return { ...section("data", text), ...section("binaryData", bytes) };
}

/** What is sealed stays readable as such: it is opened later, to text or to bytes. */
export const secretContent = (values: ReadonlyMap<string, Value>): JsonObject =>
  section("data", new Map(Array.from(values, ([key, value]) => [key, armoredText(value) ?? base64(value)])));

const section = (name: string, values: ReadonlyMap<string, string>): JsonObject =>
  values.size === 0 ? {} : { [name]: Object.fromEntries(values) };
