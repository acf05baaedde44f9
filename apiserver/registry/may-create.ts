import { forbidden } from "../../api/errors.ts";
import { type Key, splitKey } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { WriteContext } from "../admission/write-context.ts";

/** An apply creates what it finds missing, which is more than a patch may. Only the server itself writes without a user. Throws Forbidden. */
export function assertMayCreate(resource: Resource, key: Key, { user, authority }: WriteContext): void {
  const { namespace, name } = splitKey(key);
  const { group, plural } = resource;
  if (!user || authority?.may({ verb: "create", group, resource: plural, namespace, name })) return;
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const what = `create resource ${JSON.stringify(plural)} in API group ${JSON.stringify(group)} ${where}`;
  throw forbidden(resource, name, `User ${JSON.stringify(user.name)} cannot ${what}`);
}
