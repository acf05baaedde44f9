import { badRequest, invalid } from "../../api/errors.ts";
import { apiVersionOf } from "../../api/scheme.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import type { Kind } from "../kinds/kind.ts";
import { invalidValue } from "../validation/field-error.ts";

/** The body as an Object of this kind, as far as apiVersion, kind and the shape of metadata go. Throws BadRequest or Invalid. */
export function readTypeMeta(
  { resource, impliesTypeMeta }: Pick<Kind, "resource" | "impliesTypeMeta">,
  body: unknown,
): JsonObject & { metadata: JsonObject } {
  if (!isObject(body)) throw badRequest("the body must be an object");
  const { apiVersion, kind, metadata = {} } = body;
  const wanted = apiVersionOf(resource);
  if (kind === undefined && !impliesTypeMeta) throw badRequest("Object 'Kind' is missing");
  if (apiVersion === undefined && !impliesTypeMeta) throw badRequest("Object 'apiVersion' is missing");
  if (apiVersion !== undefined && apiVersion !== wanted) {
    throw badRequest(
      `the API version in the data (${shown(apiVersion)}) does not match the expected API version (${wanted})`,
    );
  }
  if (!isObject(metadata)) throw badRequest(`the metadata of a ${resource.kind} must be an object`);
  if (kind !== undefined && kind !== resource.kind) {
    const name = typeof metadata.name === "string" ? metadata.name : "";
    throw invalid(resource, name, [invalidValue("kind", kind, `must be ${resource.kind}`)]);
  }
  return { ...body, metadata };
}

const shown = (value: unknown): string => (typeof value === "string" ? value.slice(0, 200) : typeof value);
