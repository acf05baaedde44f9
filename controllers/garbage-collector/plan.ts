import type { DeleteOptions } from "../../api/client.ts";
import type { OwnerReference, Stored } from "../../api/object.ts";
import { wellKnown } from "../../api/scheme.ts";

/** What became of an owner: it is there, it is gone, it waits until its dependents are gone (foreground deletion), or nobody can tell. */
export type OwnerState = "present" | "absent" | "waiting" | "unknown";

export interface Situation {
  object: Stored;
  owners: readonly { reference: OwnerReference; state: OwnerState }[];
  dependents: readonly Stored[];
  /** Seconds: the grace period of the deletion of the owner that controls it, where that owner waits for it. */
  grace?: number;
}

export type Step =
  | { do: "nothing" }
  | { do: "delete"; propagation: NonNullable<DeleteOptions["propagation"]> }
  /** It is going already, and shall be given less time. */
  | { do: "shorten-grace"; graceSeconds: number }
  /** Owners that are gone, or going, where others stay. */
  | { do: "drop-owners"; uids: string[] }
  /** Take this Object's reference out of every dependent, then remove the finalizer. */
  | { do: "release-dependents" }
  | { do: "remove-finalizer"; finalizer: string };

const { foregroundFinalizer, orphanFinalizer } = wellKnown;
const has = (object: Stored, finalizer: string): boolean => object.metadata.finalizers?.includes(finalizer) ?? false;
export const isWaiting = (object: Stored): boolean =>
  object.metadata.deletionTimestamp !== undefined && has(object, foregroundFinalizer);

/** Kubernetes' rules (`garbagecollector.go`, attemptToDeleteItem): an Object lives as long as one of its owners. */
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

/** Somebody waits for this Object: then it waits for its own dependents too, so that nothing of the tree is left in the end. */
function propagationFor(object: Stored, deep: boolean): NonNullable<DeleteOptions["propagation"]> {
  if (deep || has(object, foregroundFinalizer)) return "Foreground";
  return has(object, orphanFinalizer) ? "Orphan" : "Background";
}

function planDeleting(object: Stored, dependents: readonly Stored[], grace: number | undefined): Step {
  const { deletionGracePeriodSeconds: given = 0 } = object.metadata;
  if (grace !== undefined && grace < given) return { do: "shorten-grace", graceSeconds: grace };
  if (has(object, orphanFinalizer)) return { do: "release-dependents" };
  if (!has(object, foregroundFinalizer)) return { do: "nothing" };
  const blocking = dependents.some(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid, blockOwnerDeletion }) => uid === object.metadata.uid && blockOwnerDeletion),
  );
  return blocking ? { do: "nothing" } : { do: "remove-finalizer", finalizer: foregroundFinalizer };
}
