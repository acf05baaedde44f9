import { conflict, forbidden } from "../../api/errors.ts";
import { namespaces, type Resource, scheme, wellKnown } from "../../api/scheme.ts";
import type { Namespace } from "../../api/types.generated.ts";
import { ageColumn } from "../printing/column.ts";
import { dnsLabelError } from "../validation/names.ts";
import { type Content, defineKind } from "./kind.ts";

/** They are made when the server starts, and are never deleted. */
const lasting: readonly string[] = ["default", wellKnown.nodeLeaseNamespace];

export const namespaceKind = defineKind<Namespace>({
  resource: namespaces,
  prepareForCreate: initializeNamespace,
  prepareForUpdate: keepFinalizers,
  nameError: dnsLabelError,
  assertDeletable,
  // As in Kubernetes: a DELETE without a name would take everything that there is.
  isDeletedOneByOne: true,
  prepareForDelete: terminate,
  gracePeriodSeconds: () => undefined,
  finalizersOf: ({ metadata, spec }) => [...(metadata.finalizers ?? []), ...(spec?.finalizers ?? [])],
  assertReleasable: assertEmpty,
  columns: [
    { name: "Status", type: "string", path: ".status.phase", description: "Active or Terminating." },
    ageColumn,
  ],
  selectableFields: ["status.phase"],
  bootstrapObjects: lasting.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
});

/** Every Namespace begins as Active, and held by the finalizer that the namespace controller removes when it is empty. */
function initializeNamespace(namespace: Namespace): void {
  namespace.spec = { finalizers: [wellKnown.namespaceFinalizer] };
  namespace.status = { phase: "Active" };
}

/**
 * Kubernetes changes `spec.finalizers` of a Namespace through the subresource `finalize` alone. Here the main resource does too: what is deleting may
 * lose finalizers by a write that says which are left (`spec: {finalizers: []}`); every other write leaves them as they are.
 */
function keepFinalizers(next: Namespace, current: Namespace): undefined {
  const kept = current.spec?.finalizers ?? [];
  const asked = next.spec?.finalizers;
  const left = current.metadata.deletionTimestamp && asked ? kept.filter((name) => asked.includes(name)) : kept;
  next.spec = { finalizers: left };
}

function assertDeletable(name: string): void {
  if (lasting.includes(name)) throw forbidden(namespaces, name, "this namespace may not be deleted");
}

function terminate(namespace: Namespace): void {
  namespace.status = { ...namespace.status, phase: "Terminating" };
}

/**
 * A Namespace goes after what is in it, whoever takes its finalizer away: what is left would run on in a Namespace that nobody can name, and
 * the next of that name would find it.
 */
function assertEmpty({ metadata: { name } }: Namespace, content: Content): void {
  const full = scheme.filter((one: Resource) => one.namespaced && !content.isEmpty(one, name));
  if (full.length === 0) return;
  const what = full.map(({ plural }) => plural).join(", ");
  throw conflict(namespaces, name, `the namespace is not empty yet, it still has ${what}`);
}
