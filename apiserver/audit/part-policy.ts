import { controllerIdentity, type Identity, nodeNameOf } from "../authentication/identity.ts";
import type { ControllerName } from "../authorization/bootstrap-roles.ts";

/** Events tell what happened, and are many. */
const untold: ReadonlySet<string> = new Set(
  (["event-recorder", "event-retention"] satisfies ControllerName[]).map((name) => controllerIdentity(name).name),
);

/**
 * Are the changes of this part of the daemon written down? As Kubernetes' own policy has it: what controllers make, change and delete is (level Metadata);
 * Events, and what an agent says of its node and its Instances, are not (level None).
 */
export const isPartAudited = (user: Identity): boolean => nodeNameOf(user) === undefined && !untold.has(user.name);
