import { wellKnown } from "../../api/scheme.ts";
import type { Instance } from "../../api/types.generated.ts";
import { type Identity, instanceGarbageCollector, nodeNameOf } from "../authentication/identity.ts";
import type { WriteContext } from "./registry.ts";

const { stopFinalizer } = wellKnown;

/**
 * Every Instance is held until nothing of its process tree is left, whoever made it: an Instance that could go before its processes would
 * leave them to nobody, and its Process would start a second copy beside them (P2, P5).
 */
export function holdInstance(next: Instance): void {
  if (!isHeld(next)) next.metadata.finalizers = [...(next.metadata.finalizers ?? []), stopFinalizer];
}

/**
 * The finalizer goes only when the agent of its node takes it away, which it does when it has seen that nothing is left, or when there is no
 * such node any more. Anybody else's write leaves it where it was, as every field that is the server's, and says so.
 */
export function keepHold(next: Instance, current: Instance, { user }: Pick<WriteContext, "user">): string | undefined {
  const held = isHeld(current);
  if (current.metadata.deletionTimestamp && (!held || mayLetGo(user, current))) return undefined;
  const asked = isHeld(next);
  holdInstance(next);
  return held && !asked
    ? `metadata.finalizers: ${stopFinalizer} stays until nothing of the process tree is left; only the agent takes it away`
    : undefined;
}

const mayLetGo = (user: Identity | undefined, { spec }: Instance): boolean =>
  user !== undefined && (nodeNameOf(user) === spec.nodeName || user.name === instanceGarbageCollector.name);

const isHeld = ({ metadata }: Instance): boolean => metadata.finalizers?.includes(stopFinalizer) ?? false;
