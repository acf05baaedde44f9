import type { JsonObject } from "../../../lib/json-object.ts";
import type { KubeObject } from "../../object.ts";
import { asObject } from "./built.ts";
import type { Fields } from "./fields.ts";
import { configMapContent, type FileOf, secretContent, valuesOf } from "./generator-values.ts";

export interface Generated {
  object: KubeObject;
  behavior: "create" | "merge" | "replace";
  fields: Fields;
  /** Characters that it holds, and what its values cost beside. */
  size: number;
}

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
  const content = kind === "Secret" ? secretContent(values) : configMapContent(values, fields);
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
