import { badRequest, conflict, invalid, notFound } from "../../api/errors.ts";
import type { KubeObject, ObjectMeta, Stored } from "../../api/object.ts";
import { apiVersionOf, type Resource } from "../../api/scheme.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { sameJson } from "../../lib/same-json.ts";
import { type Admitted, admitObject, admitStatus, refuse } from "../admission/admit.ts";
import type { AdmissionDefaults } from "../admission/template-defaults.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { faultsOf, faultsOfChange } from "../kinds/faults.ts";
import type { Kind } from "../kinds/kind.ts";
import { invalidValue, typeInvalid } from "../validation/field-error.ts";
import { metadataCauses, newFinalizerCauses } from "../validation/metadata.ts";
import { type CreateStamp, metadataForCreate, metadataForUpdate } from "./metadata.ts";
import { readTypeMeta } from "./type-meta.ts";

/** The next version of an Object, decided without the Store. Pure. */
export interface Composed {
  next: Stored;
  warnings: string[];
}

/** A new Object, validated; the Store still has to stamp it. */
export function composeNew(kind: Kind, { metadata, fields }: Admitted, stamp: CreateStamp): KubeObject {
  const { resource } = kind;
  const next = {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: metadataForCreate(metadata, stamp, kind.hasGeneration),
    ...fields,
  };
  kind.prepareForCreate?.(next);
  refuse(resource, stamp.name, [...metadataCauses(kind.nameError, next.metadata), ...faultsOf(kind, next)]);
  return next;
}

/** What a PUT (or a patched Object) makes of `current`. Throws Invalid, Conflict, BadRequest. */
export function composeNext(
  kind: Kind,
  current: Stored,
  body: unknown,
  { fieldValidation, user }: WriteContext,
  defaults: AdmissionDefaults,
): Composed {
  const { resource } = kind;
  const typed = readTypeMeta(kind, body);
  assertSameName(current.metadata, typed.metadata);
  const { metadata, fields, warnings } = admitObject(kind, typed, fieldValidation, defaults);
  assertSameVersion(resource, current, metadata, kind.allowsUnconditionalUpdate);
  const next = {
    apiVersion: current.apiVersion,
    kind: current.kind,
    metadata: metadataForUpdate(current.metadata, metadata),
    ...fields,
    ...statusOf(kind, current),
  };
  const kept = kind.prepareForUpdate?.(next, current, { user });
  refuse(resource, current.metadata.name, [
    ...metadataCauses(kind.nameError, next.metadata),
    ...newFinalizerCauses(current.metadata, next.metadata),
    ...faultsOfChange(kind, current, next),
  ]);
  const { generation } = next.metadata;
  if (generation !== undefined && specChanged(current, next)) next.metadata.generation = generation + 1;
  return { next, warnings: [...warnings, ...(kept === undefined ? [] : [kept]), ...warningsOf(kind, next)] };
}

/** What a write of the subresource `status` makes of `current`: nothing but status is read of the body. */
export function composeStatus(kind: Kind, current: Stored, body: unknown, { fieldValidation }: WriteContext): Composed {
  const { resource } = kind;
  if (!kind.schema.status) throw notFound(resource, `${current.metadata.name}/status`);
  const typed = readTypeMeta(kind, body);
  assertSameName(current.metadata, typed.metadata);
  assertSameVersion(resource, current, typed.metadata, true);
  const { status, warnings } = admitStatus(kind, current.metadata.name, typed, fieldValidation);
  const { status: _before, ...rest } = current as Stored & { status?: unknown };
  return { next: (status ? { ...rest, status } : rest) as Stored, warnings };
}

export const warningsOf = (kind: Kind, object: KubeObject): string[] => kind.warnings?.(object) ?? [];

/** Did anything change but metadata and status? */
function specChanged(current: Stored, next: KubeObject): boolean {
  const { metadata: _a, status: _b, ...before } = current as Stored & { status?: unknown };
  const { metadata: _c, status: _d, ...after } = next as KubeObject & { status?: unknown };
  return !sameJson(before, after);
}

const statusOf = ({ schema }: Kind, current: Stored): { status?: unknown } => {
  const { status } = current as Stored & { status?: unknown };
  return schema.status && status !== undefined ? { status } : {};
};

/** A name in the body that is not the URL's is refused even when nothing has the URL's name. */
export function assertNamedAsUrl(url: { name: string; namespace?: string }, body: unknown): void {
  const metadata = isObject(body) && isObject(body.metadata) ? body.metadata : {};
  if (typeof metadata.name === "string" && metadata.name !== "") assertSameName(url, metadata);
}

function assertSameName(url: { name: string; namespace?: string }, { name, namespace }: JsonObject): void {
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
function assertSameVersion(
  resource: Resource,
  current: Stored,
  { resourceVersion, uid }: Partial<Pick<ObjectMeta, "uid">> & { resourceVersion?: unknown },
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
