import { forbidden, notFound } from "../../api/errors.ts";
import { namespaces, type Resource } from "../../api/scheme.ts";
import type { Store } from "../../store/store.ts";
import { storePath } from "./paths.ts";

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
