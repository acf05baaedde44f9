import { conflict, forbidden, notFound } from "../../api/errors.ts";
import type { Stored } from "../../api/object.ts";
import { namespaces, type Resource, scheme } from "../../api/scheme.ts";
import type { Store } from "../../store/store.ts";
import { storePath, storePrefix } from "./paths.ts";
import { pendingFinalizers } from "./strategies.ts";

export const DEFAULT_NAMESPACE = "default";

/** New Objects need a Namespace that is there and is not going away; as Kubernetes' admission plugin NamespaceLifecycle. */
export function assertNamespaceOpen(store: Store, resource: Resource, namespace: string, name: string): void {
  const found = store.get(storePath(namespaces, namespace));
  if (!found) throw notFound(namespaces, namespace);
  if (!found.metadata.deletionTimestamp) return;
  throw forbidden(
    resource,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: "NamespaceTerminating",
        message: `namespace ${namespace} is being terminated`,
        field: "metadata.namespace",
      },
    ],
  );
}

/**
 * A Namespace goes after what is in it, whoever takes its finalizer away: what is left would run on in a Namespace that nobody can name, and
 * the next of that name would find it.
 */
export function assertNothingLeftBehind(store: Store, resource: Resource, next: Stored): void {
  if (next.kind !== namespaces.kind || !next.metadata.deletionTimestamp || pendingFinalizers(next).length > 0) return;
  const { name } = next.metadata;
  const full = scheme.filter(
    (one) => one.namespaced && store.list(storePrefix(one, name), { limit: 1 }).items.length > 0,
  );
  if (full.length === 0) return;
  const what = full.map(({ plural }) => plural).join(", ");
  throw conflict(resource, name, `the namespace is not empty yet, it still has ${what}`);
}

export function assertDeletable(resource: Resource, name: string): void {
  if (resource.kind === namespaces.kind && resource.group === namespaces.group && name === DEFAULT_NAMESPACE) {
    throw forbidden(resource, name, "this namespace may not be deleted");
  }
}
