import { wellKnown } from "../../api/scheme.ts";
import type { Instance } from "../../api/types.generated.ts";
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
 * The finalizer goes only when the agent takes it away, which it does when it has seen that nothing is left. Anybody else's write leaves it
 * where it was, as every field that is the server's, and says so.
 */
export function keepHold(
  next: Instance,
  current: Instance,
  { agent }: Pick<WriteContext, "agent">,
): string | undefined {
  const held = isHeld(current);
  if (current.metadata.deletionTimestamp && (agent || !held)) return undefined;
  const asked = isHeld(next);
  holdInstance(next);
  return held && !asked
    ? `metadata.finalizers: ${stopFinalizer} stays until nothing of the process tree is left; only the agent takes it away`
    : undefined;
}

const isHeld = ({ metadata }: Instance): boolean => metadata.finalizers?.includes(stopFinalizer) ?? false;
