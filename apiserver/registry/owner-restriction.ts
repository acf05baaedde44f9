import { forbidden } from "../../api/errors.ts";
import type { KubeObject, OwnerReference } from "../../api/object.ts";
import { type Resource, resourceOfKind } from "../../api/scheme.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { WriteContext } from "../admission/write-context.ts";

/**
 * What belongs to an owner is deleted after it, and holds up its deletion where it says so. So who says of what is there that it belongs to somebody must have the
 * right to delete it, and who lets it hold up an owner the right to write the owner's finalizers (Kubernetes' admission plugin OwnerReferencesPermissionEnforcement,
 * with its words). Asked with the very version that is then written over. Throws Forbidden.
 */
export function assertMayBeOwned(
  resource: Resource,
  { user, authority }: WriteContext,
  next: KubeObject,
  current: KubeObject | undefined,
): void {
  const owners = next.metadata.ownerReferences ?? [];
  const before = current?.metadata.ownerReferences ?? [];
  if (!user || sameJson(owners, before)) return;
  const { name, namespace } = next.metadata;
  const { group, plural } = resource;
  if (current && !authority?.may({ verb: "delete", group, resource: plural, namespace, name }))
    throw forbidden(resource, name, `cannot set an ownerRef on a resource you can't delete: , <nil>`);
  for (const owner of owners) {
    const isNew = owner.blockOwnerDeletion && !before.some((one) => one.uid === owner.uid && one.blockOwnerDeletion);
    const why = isNew ? whyNotBlocking(owner, namespace, authority) : undefined;
    if (why !== undefined) throw forbidden(resource, name, why);
  }
}

function whyNotBlocking(
  { apiVersion, kind, name }: OwnerReference,
  home: string | undefined,
  authority: WriteContext["authority"],
): string | undefined {
  const owner = resourceOfKind(apiVersion, kind);
  if (!owner)
    return `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`;
  const { group, plural, namespaced } = owner;
  const namespace = namespaced ? home : undefined;
  if (authority?.may({ verb: "update", group, resource: plural, subresource: "finalizers", namespace, name }))
    return undefined;
  return "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>";
}
