import type { ApplyPatch, Patch } from "../../api/client.ts";
import { badRequest } from "../../api/errors.ts";
import { isObject } from "../../lib/json-object.ts";
import type { KindSchema } from "../admission/schema.ts";
import { assertWellFormed } from "../admission/well-formed.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { mergePatch } from "./merge-patch.ts";
import { strategicMerge } from "./strategic-merge.ts";

/** What `patch` makes of `current`, which stays as it is. `schema`: of its kind. The result still has to be admitted. An apply is more than a patch (`apiserver/apply`). */
export function applyPatch(current: object, patch: Exclude<Patch, ApplyPatch>, schema: KindSchema): unknown {
  assertWellFormed(patch.body);
  if (patch.type === "json") return applyJsonPatch(current, patch.body);
  if (!isObject(patch.body)) throw badRequest("error decoding patch: a merge patch is an object");
  if (patch.type === "strategic") return strategicMerge({ ...current }, patch.body, schema.whole);
  return mergePatch(current, patch.body);
}
