import type { JsonObject } from "../../../lib/json-object.ts";
import type { KubeObject } from "../../object.ts";
import { type Copies, widthOf } from "./budget.ts";
import { asObject, type Built, changed, idOf, idsOf, isMeant, mapOf } from "./built.ts";
import type { Generated } from "./generators.ts";

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
