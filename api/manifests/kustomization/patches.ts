import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import { ManifestError } from "../../manifest-error.ts";
import type { YamlDocument } from "../../yaml/yaml-document.ts";
import type { Copies } from "./budget.ts";
import { asObject, type Built, changed, type Id, idOf, idsOf, idText, isMeant, isSame } from "./built.ts";
import type { Fields } from "./fields.ts";
import { jsonPatched } from "./json-patch.ts";
import { BadPatch, strategicMerge } from "./strategic-merge.ts";
import { effortOf, type Target, targetOf } from "./target.ts";

/** One document of an entry of `patches`. */
export interface Patch {
  fields: Fields;
  /** Which Objects it is for, in words. */
  meant: string;
  fits: Target;
  /** Everything that fits; without a target it is exactly one. */
  isForOne: boolean;
  apply(object: JsonObject, copies: Copies): unknown;
  /** Characters that it may add to an Object. */
  size: number;
  /** Of one comparison, as many as it costs. */
  effort: number;
}

/** `documents`: of the file that the entry names, or of its inline text. */
export function patchesOf(fields: Fields, documents: readonly YamlDocument[]): Patch[] {
  const target = fields.map("target");
  const effort = target ? effortOf(target) : 1;
  const field = fields.has("path") ? "path" : "patch";
  if (documents.length === 0) throw fields.refuse(field, "the patch is empty");
  return documents.map(({ value }) => {
    const size = JSON.stringify(value).length;
    if (Array.isArray(value)) {
      if (!target) throw fields.refuse("", "a JSON patch must have a target");
      const apply: Patch["apply"] = (object, copies) => jsonPatched(object, value, copies);
      return { fields, meant: "target", fits: targetOf(target), isForOne: false, apply, size, effort };
    }
    if (!isObject(value))
      throw fields.refuse(field, "a patch is a map like the Object, or a list of JSON patch operations");
    if (target) {
      const apply: Patch["apply"] = (object, copies) => strategicMerge(object, withoutId(value), copies);
      return { fields, meant: "target", fits: targetOf(target), isForOne: false, apply, size, effort };
    }
    const wanted = idIn(fields, field, value);
    const apply: Patch["apply"] = (object, copies) => strategicMerge(object, withoutId(value), copies);
    const fits: Target = (built) => idsOf(built).some((id) => isMeant(id, wanted));
    return { fields, meant: idText(wanted), fits, isForOne: true, apply, size, effort };
  });
}

/** Throws when it fits nothing: whoever wrote it believes that it does. */
export function patched(
  all: readonly Built[],
  patch: Patch,
  { spend, copies }: { spend: (objects: number) => void; copies: Copies },
): Built[] {
  const count = all.filter(patch.fits).length;
  if (count === 0) throw patch.fields.refuse(patch.meant === "target" ? "target" : "", `no Object fits ${what(patch)}`);
  if (patch.isForOne && count > 1) {
    throw patch.fields.refuse("", `${count} Objects fit ${what(patch)}: say its namespace, or give a target`);
  }
  spend(count);
  return all.flatMap((built) => (patch.fits(built) ? patchedOne(built, patch, copies) : [built]));
}

const what = ({ meant }: Patch): string => (meant === "target" ? "the target" : `the patch of ${meant}`);

function patchedOne(built: Built, { fields, apply }: Patch, copies: Copies): Built[] {
  const { object, file, line } = built.manifest;
  const before = idOf(object);
  try {
    const after = apply(object as unknown as JsonObject, copies);
    if (after === undefined) return [];
    if (!isObject(after) || !isObject(after.metadata) || !isSame(idOf(asObject(after)), before)) {
      throw new BadPatch("a patch must not change apiVersion, kind, name or namespace");
    }
    return [changed(built, asObject(after))];
  } catch (error) {
    if (!(error instanceof BadPatch)) throw error;
    throw fields.refuse("", `cannot be applied to ${idText(before)} (${file}:${line}): ${error.message}`);
  }
}

/** A patch names the Object, it does not rename it. */
function withoutId({ apiVersion: _, kind: __, metadata, ...rest }: JsonObject): JsonObject {
  if (!isObject(metadata)) return rest;
  const { name: ___, namespace: ____, ...more } = metadata;
  return { ...rest, metadata: more };
}

function idIn(fields: Fields, field: string, { apiVersion, kind, metadata }: JsonObject): Id {
  const { name, namespace = "" } = isObject(metadata) ? metadata : {};
  if ([apiVersion, kind, name, namespace].some((one) => typeof one !== "string")) {
    throw fields.refuse(field, "without a target the patch must have apiVersion, kind and metadata.name");
  }
  return { apiVersion, kind, name, namespace } as Id;
}

/** What is wrong in an inline text is told where the text stands. */
export function placedInText(fields: Fields, error: unknown): unknown {
  if (!(error instanceof ManifestError)) return error;
  return fields.refuse("patch", `line ${error.line} of the patch: ${error.problem}`);
}
