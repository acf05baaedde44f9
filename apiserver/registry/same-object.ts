import { badRequest, conflict, invalid } from "../../api/errors.ts";
import type { Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { invalidValue, typeInvalid } from "../validation/field-error.ts";

/** A name in the body that is not the URL's is refused even when nothing has the URL's name. */
export function assertNamedAsUrl(url: { name: string; namespace?: string }, body: unknown): void {
  const metadata = isObject(body) && isObject(body.metadata) ? body.metadata : {};
  if (typeof metadata.name === "string" && metadata.name !== "") assertSameName(url, metadata);
}

/** A body must name the Object that it is written to. */
export function assertSameName(url: { name: string; namespace?: string }, { name, namespace }: JsonObject): void {
  if (name === undefined || name === null || name === "") {
    throw badRequest(`the name of the object (${url.name} based on URL) was undeterminable: name must be provided`);
  }
  if (name !== url.name) {
    throw badRequest(`the name of the object (${shown(name)}) does not match the name on the URL (${url.name})`);
  }
  if (namespace !== undefined && namespace !== null && namespace !== "" && namespace !== url.namespace) {
    throw badRequest(
      `the namespace of the object (${shown(namespace)}) does not match the namespace on the request (${url.namespace ?? ""})`,
    );
  }
}

const shown = (value: unknown): string => (typeof value === "string" ? value.slice(0, 253) : "");

/** Optimistic concurrency (promise P15). "0" and "" are no version, as in Kubernetes. */
export function assertSameVersion(
  resource: Resource,
  current: Stored,
  { resourceVersion, uid }: JsonObject,
  mayBeAbsent: boolean,
): void {
  const { name } = current.metadata;
  if (typeof uid === "string" && uid !== "" && uid !== current.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid.slice(0, 253)}, UID in object meta: ${current.metadata.uid}`;
    throw conflict(resource, name, why);
  }
  if (!resourceVersion || resourceVersion === "0") {
    if (mayBeAbsent) return;
    const cause = invalidValue("metadata.resourceVersion", 0, "must be specified for an update");
    throw invalid({ ...resource, kind: resource.plural }, name, [cause]);
  }
  if (typeof resourceVersion !== "string" || !/^\d{1,19}$/.test(resourceVersion)) {
    const cause = typeInvalid("metadata.resourceVersion", resourceVersion, "must be a decimal integer in a string");
    throw invalid(resource, name, [cause]);
  }
  if (resourceVersion !== current.metadata.resourceVersion) throw conflict(resource, name);
}

/** The namespace a new Object goes to: the URL's; a body that names another one is refused. */
export function namespaceFor(
  resource: Resource,
  url: string | undefined,
  { namespace }: JsonObject,
): string | undefined {
  const named = typeof namespace === "string" && namespace !== "" ? namespace : undefined;
  if (!resource.namespaced) {
    if (named === undefined) return undefined;
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  const wanted = url ?? named;
  if (wanted === undefined) throw badRequest("an empty namespace may not be set during creation");
  if (named !== undefined && named !== wanted) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  return wanted;
}
