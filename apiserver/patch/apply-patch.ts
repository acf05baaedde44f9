import type { Patch } from "../../api/client.ts";
import { badRequest } from "../../api/errors.ts";
import { isObject } from "../../lib/json-object.ts";
import { assertWellFormed } from "../admission/well-formed.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { mergePatch } from "./merge-patch.ts";

/** What `patch` makes of `current`, which stays as it is. The result still has to be admitted. */
export function applyPatch(current: unknown, patch: Patch): unknown {
  assertWellFormed(patch.body);
  if (patch.type === "json") return applyJsonPatch(current, patch.body);
  if (!isObject(patch.body)) throw badRequest("error decoding patch: a merge patch is an object");
  return mergePatch(current, patch.body);
}
