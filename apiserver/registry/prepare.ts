import type { KubeObject, Stored } from "../../api/object.ts";
import { apiVersionOf } from "../../api/scheme.ts";
import { sameJson } from "../../lib/same-json.ts";
import { type Admitted, admitObject, admitStatus } from "../admission/admit.ts";
import { refuse } from "../admission/faults.ts";
import type { AdmissionDefaults } from "../admission/template-defaults.ts";
import { assertWellFormed } from "../admission/well-formed.ts";
import type { WriteContext } from "../admission/write-context.ts";
import type { Managers } from "../apply/managers.ts";
import type { Content, Kind } from "../kinds/kind.ts";
import { validateCreate, validateUpdate, warningsOf } from "../kinds/validation.ts";
import { deletionCauses, metadataCauses, newFinalizerCauses } from "../validation/metadata.ts";
import { type CreateStamp, metadataForCreate, metadataForUpdate } from "./metadata.ts";
import { assertSameName, assertSameVersion, namespaceFor } from "./same-object.ts";
import { readTypeMeta } from "./type-meta.ts";

/** The next version of an Object, decided without the Store. Pure. */
export interface Prepared {
  /** Its `managedFields` are what the writer says of them, unless `managers` are decided. */
  next: Stored;
  managers?: Managers;
  warnings: string[];
}

/** A new Object as it is written, and the namespace that it goes to: the URL's, or its own. Throws BadRequest, RequestEntityTooLarge, Invalid. */
export function readNew(
  kind: Kind,
  url: string | undefined,
  body: unknown,
): { typed: ReturnType<typeof readTypeMeta>; namespace: string | undefined } {
  assertWellFormed(body);
  const typed = readTypeMeta(kind, body);
  return { typed, namespace: namespaceFor(kind.resource, url, typed.metadata) };
}

/** A new Object, validated; the Store still has to stamp it. Throws BadRequest or Invalid with all that is wrong. */
export function prepareCreate(kind: Kind, { metadata, fields, faults }: Admitted, stamp: CreateStamp): KubeObject {
  const { resource } = kind;
  const next = {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: metadataForCreate(metadata, stamp, kind.hasGeneration),
    ...fields,
  };
  kind.prepareForCreate?.(next);
  refuse(resource, stamp.name, faults, [
    ...metadataCauses(kind.nameError, next.metadata),
    ...validateCreate(kind, next),
  ]);
  return next;
}

/** What a PUT (or a patched Object) makes of `current`. Throws Invalid, Conflict, BadRequest. */
export function prepareUpdate(
  kind: Kind,
  current: Stored,
  body: unknown,
  { fieldValidation, user, patched }: WriteContext,
  { defaults, content }: { defaults: AdmissionDefaults; content: Content },
): Prepared {
  const { resource } = kind;
  const typed = readTypeMeta(kind, body);
  assertSameName(current.metadata, typed.metadata);
  const { metadata, fields, warnings, faults } = admitObject(kind, typed, fieldValidation, defaults);
  assertSameVersion(resource, current, typed.metadata, kind.allowsUnconditionalUpdate);
  const next = {
    apiVersion: current.apiVersion,
    kind: current.kind,
    metadata: metadataForUpdate(current.metadata, metadata),
    ...fields,
    ...statusOf(kind, current),
  };
  const kept = kind.prepareForUpdate?.(next, current, { user });
  refuse(resource, current.metadata.name, { ...faults, patched }, [
    ...metadataCauses(kind.nameError, next.metadata),
    ...newFinalizerCauses(current.metadata, next.metadata),
    ...deletionCauses(current.metadata, metadata),
    ...validateUpdate(kind, current, next),
  ]);
  const { generation } = next.metadata;
  if (generation !== undefined && specChanged(current, next)) next.metadata.generation = generation + 1;
  return { next, warnings: [...warnings, ...(kept === undefined ? [] : [kept]), ...warningsOf(kind, next, content)] };
}

/** What a write of the subresource `status` makes of `current`: nothing but status is read of the body. */
export function prepareStatusUpdate(kind: Kind, current: Stored, body: unknown, context: WriteContext): Prepared {
  const { resource } = kind;
  const typed = readTypeMeta(kind, body);
  assertSameName(current.metadata, typed.metadata);
  assertSameVersion(resource, current, typed.metadata, true);
  const { status, warnings } = admitStatus(kind, current.metadata.name, typed, context);
  const { status: _before, ...rest } = current as Stored & { status?: unknown };
  return { next: (status ? { ...rest, status } : rest) as Stored, warnings };
}

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
