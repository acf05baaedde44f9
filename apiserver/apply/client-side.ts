import { isSecret, lastApplied, MASK, withLastApplied } from "../../api/apply/last-applied.ts";
import type { KubeObject, Stored } from "../../api/object.ts";
import { apiVersionOf, type Resource, wellKnown } from "../../api/scheme.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import type { Schema } from "../admission/schema.ts";
import { compare } from "./compare.ts";
import { difference, type FieldSet, noFields } from "./field-set.ts";
import { fieldSetOf } from "./field-set-of.ts";

/** The managers under which a user who applied on the client's side goes on, on the server's. Others choose another name, and get conflicts. */
const successors: ReadonlySet<string> = new Set(["kubectl", "wctl"]);

export const succeedsClientSide = (manager: string): boolean => successors.has(manager);

/** The fields that were applied on the client's side and are still as they were applied: who goes on with them does not take them from anybody. */
export function lastAppliedFields(resource: Resource, live: Stored, schema: Schema): FieldSet {
  const last = lastApplied(live);
  if (last?.apiVersion !== apiVersionOf(resource)) return noFields;
  const said = isSecret(live) ? unmasked(last, live) : last;
  const { added, modified, removed } = compare(said, live, schema);
  return [modified, added, removed].reduce(difference, fieldSetOf(said, schema));
}

/** A masked value is taken for the one that is there: nobody can say what it was. */
function unmasked(last: JsonObject, live: KubeObject): JsonObject {
  const values = (live as unknown as { data?: JsonObject }).data ?? {};
  if (!isObject(last.data)) return last;
  const data = Object.entries(last.data).map(([key, value]) => [key, value === MASK ? values[key] : value]);
  return { ...last, data: Object.fromEntries(data) };
}

/** What is merged, with the configuration as what was applied last, where the Object remembers that: whoever goes back to the client's side finds it true. */
export function withLastConfiguration(live: Stored, merged: JsonObject, config: KubeObject): JsonObject {
  const annotation = wellKnown.lastAppliedAnnotation;
  if (live.metadata.annotations?.[annotation] === undefined || !isObject(merged.metadata)) return merged;
  const said = withLastApplied(config).metadata.annotations?.[annotation];
  const annotations = { ...(merged.metadata.annotations ?? {}), [annotation]: said };
  return { ...merged, metadata: { ...merged.metadata, annotations } };
}
