import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { unifiedDiff } from "../../lib/unified-diff.ts";
import type { KubeObject } from "../object.ts";
import { wellKnown } from "../scheme.ts";
import { toYaml } from "../yaml/to-yaml.ts";
import { isSecret, MASK } from "./last-applied.ts";

/**
 * What an apply would change, as a unified diff of YAML in the manner of `kubectl diff`; empty when nothing would. `live` is undefined
 * for an Object that would be created. Values of Secrets are masked (P20): equal ones as `***`, changed ones so that one sees that they
 * changed. Pure.
 */
export function diffObjects(live: KubeObject | undefined, merged: KubeObject): string {
  const [before, after] = maskSecrets(live && shown(live), shown(merged));
  const lines = unifiedDiff(before ? yamlLines(before) : [], yamlLines(after));
  if (lines.length === 0) return "";
  const { namespace, name } = merged.metadata;
  const file = [merged.apiVersion.replace("/", "."), merged.kind, namespace ?? "", name].join(".");
  return [`--- LIVE/${file}`, `+++ MERGED/${file}`, ...lines, ""].join("\n");
}

const yamlLines = (value: JsonObject): string[] => toYaml(value).replace(/\n$/, "").split("\n");

/** Without the bookkeeping that every write changes, and without the status: no apply writes it, and it may have changed between two reads. */
function shown({ status: _status, ...object }: KubeObject & { status?: unknown }): JsonObject {
  const { managedFields: _, resourceVersion: __, annotations, ...metadata } = object.metadata;
  const { [wellKnown.lastAppliedAnnotation]: ___, ...kept } = annotations ?? {};
  return { ...object, metadata: { ...metadata, ...(Object.keys(kept).length > 0 ? { annotations: kept } : {}) } };
}

function maskSecrets(before: JsonObject | undefined, after: JsonObject): [JsonObject | undefined, JsonObject] {
  if (!isSecret(after)) return [before, after];
  const masked: [JsonObject | undefined, JsonObject] = [before && { ...before }, { ...after }];
  for (const field of ["data", "stringData"]) {
    const [old, now] = [valuesOf(before, field), valuesOf(after, field)];
    if (masked[0] && old) masked[0][field] = mask(old, now, `${MASK} (before)`);
    if (now) masked[1][field] = mask(now, old, `${MASK} (after)`);
  }
  return masked;
}

function valuesOf(object: JsonObject | undefined, field: string): JsonObject | undefined {
  const values = object?.[field];
  return isObject(values) ? values : undefined;
}

const mask = (values: JsonObject, others: JsonObject | undefined, changed: string): JsonObject =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      others && Object.hasOwn(others, key) && others[key] !== value ? changed : MASK,
    ]),
  );
