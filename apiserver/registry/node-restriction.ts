import { forbidden } from "../../api/errors.ts";
import type { KubeObject } from "../../api/object.ts";
import { type Identity, nodeNameOf } from "../authentication/identity.ts";
import type { Kind } from "../kinds/kind.ts";

/**
 * What the Authorizer cannot say of an agent's write, for it is in the body, or changes while the body is read: each agent writes what is of
 * its own node (Kubernetes' admission plugin NodeRestriction). Asked with the very version that is then written over. Throws Forbidden.
 */
export function assertNodeMayWrite(
  kind: Kind,
  user: Identity | undefined,
  next: KubeObject,
  current?: KubeObject,
): void {
  const node = user && nodeNameOf(user);
  const why = node === undefined ? undefined : kind.nodeRestriction?.(node, next, current);
  if (why !== undefined) throw forbidden(kind.resource, next.metadata.name, `node ${JSON.stringify(node)} ${why}`);
}
