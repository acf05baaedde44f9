import type { DeleteOptions } from "../../api/client.ts";
import type { OwnerReference, Stored } from "../../api/object.ts";
import { wellKnown } from "../../api/scheme.ts";
import type { Dependent } from "./graph.ts";

/** The state of an owner: it exists, it is gone, it waits for its dependents to be gone (foreground deletion), or it is unknown. */
export type OwnerState = "present" | "absent" | "waiting" | "unknown";

export interface Situation {
  object: Stored;
  owners: readonly { reference: OwnerReference; state: OwnerState }[];
  dependents: readonly Pick<Dependent, "blocks">[];
  /** Grace period, in seconds, of the deletion of its controller, if that waits for it. */
  grace?: number;
}

export type Step =
  | { do: "nothing" }
  | { do: "delete"; propagation: NonNullable<DeleteOptions["propagation"]> }
  /** It is being deleted already, and its grace period is shortened. */
  | { do: "shorten-grace"; graceSeconds: number }
  /** Removes the references to owners that are gone or going, when others stay. */
  | { do: "drop-owners"; uids: string[] }
  /** Removes the reference to this Object from all dependents, then its finalizer. */
  | { do: "release-dependents" }
  | { do: "remove-finalizer"; finalizer: string };

const { foregroundFinalizer, orphanFinalizer } = wellKnown;
const has = (object: Stored, finalizer: string): boolean => object.metadata.finalizers?.includes(finalizer) ?? false;
export const isWaiting = (object: Stored): boolean =>
  object.metadata.deletionTimestamp !== undefined && has(object, foregroundFinalizer);

/** The rules of Kubernetes (`garbagecollector.go`, attemptToDeleteItem): an Object lives as long as one of its owners does. */
export function plan({ object, owners, dependents, grace }: Situation): Step {
  if (object.metadata.deletionTimestamp) return planDeleting(object, dependents, grace);
  if (owners.length === 0) return { do: "nothing" };
  const staying = owners.filter(({ state }) => state === "present" || state === "unknown");
  const going = owners.filter(({ state }) => state === "absent" || state === "waiting");
  if (going.length === 0) return { do: "nothing" };
  if (staying.length > 0) return { do: "drop-owners", uids: going.map(({ reference }) => reference.uid) };
  const waited = going.some(({ state }) => state === "waiting");
  return { do: "delete", propagation: propagationFor(object, waited && dependents.length > 0) };
}

/** If an owner waits for this Object, it waits for its own dependents too, so that in the end nothing of the tree is left. */
function propagationFor(object: Stored, deep: boolean): NonNullable<DeleteOptions["propagation"]> {
  if (deep || has(object, foregroundFinalizer)) return "Foreground";
  return has(object, orphanFinalizer) ? "Orphan" : "Background";
}

function planDeleting(object: Stored, dependents: Situation["dependents"], grace: number | undefined): Step {
  const { deletionGracePeriodSeconds: given = 0 } = object.metadata;
  if (grace !== undefined && grace < given) return { do: "shorten-grace", graceSeconds: grace };
  if (has(object, orphanFinalizer)) return { do: "release-dependents" };
  if (!has(object, foregroundFinalizer)) return { do: "nothing" };
  return dependents.some(({ blocks }) => blocks)
    ? { do: "nothing" }
    : { do: "remove-finalizer", finalizer: foregroundFinalizer };
}
