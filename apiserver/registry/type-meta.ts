import { badRequest, invalid, type StatusError } from "../../api/errors.ts";
import { apiVersionOf, isBuiltIn, type Resource } from "../../api/scheme.ts";
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
  if (kind !== undefined && kind !== resource.kind) throw ofAnotherKind(resource, kind, metadata.name);
  return { ...body, metadata };
}

/** Of its own kinds Kubernetes says that it cannot be converted, of custom ones that the field is wrong. */
function ofAnotherKind(resource: Resource, kind: unknown, name: unknown): StatusError {
  if (!isBuiltIn(resource)) {
    return invalid(resource, typeof name === "string" ? name : "", [
      invalidValue("kind", kind, `must be ${resource.kind}`),
    ]);
  }
  return badRequest(`${shown(kind)} in version "${resource.version}" cannot be handled as a ${resource.kind}`);
}

const shown = (value: unknown): string => (typeof value === "string" ? value.slice(0, 200) : typeof value);
