import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { goJson } from "../json/go-json.ts";
import { parseJson } from "../json/parse-json.ts";
import type { KubeObject } from "../object.ts";
import { wellKnown } from "../scheme.ts";

/** Stands for a Secret's value wherever only the key matters. */
export const MASK = "***";

/**
 * What this object says, as the annotation that the next apply compares with: byte for byte kubectl's, so the two tools can take
 * turns. Of a Secret the values are masked: to remove a key, only its name must be known (P20).
 */
export function lastAppliedText(object: KubeObject): string {
  const { [wellKnown.lastAppliedAnnotation]: _, ...annotations } = object.metadata.annotations ?? {};
  const said: JsonObject = { ...object, metadata: { ...object.metadata, annotations } };
  return `${goJson(isSecret(object) ? masked(said) : said)}\n`;
}

/** What was said last time; undefined when the object was never applied, or the annotation cannot be read. */
export function lastApplied(live: KubeObject): JsonObject | undefined {
  const text = live.metadata.annotations?.[wellKnown.lastAppliedAnnotation];
  if (text === undefined) return undefined;
  try {
    const value = parseJson(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const withLastApplied = <T extends KubeObject>(object: T): T => ({
  ...object,
  metadata: {
    ...object.metadata,
    annotations: { ...object.metadata.annotations, [wellKnown.lastAppliedAnnotation]: lastAppliedText(object) },
  },
});

export const isSecret = (object: { apiVersion?: unknown; kind?: unknown }): boolean =>
  object.kind === "Secret" && object.apiVersion === "v1";

function masked(secret: JsonObject): JsonObject {
  const result = { ...secret };
  for (const field of ["data", "stringData"]) {
    const values = secret[field];
    if (isObject(values)) result[field] = Object.fromEntries(Object.keys(values).map((key) => [key, MASK]));
  }
  return result;
}
