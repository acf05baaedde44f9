import type { DeleteOptions } from "../../api/client.ts";
import { conflict } from "../../api/errors.ts";
import type { Stored } from "../../api/object.ts";
import { type Resource, wellKnown } from "../../api/scheme.ts";
import type { Kind } from "../kinds/kind.ts";

/** What a DELETE does: the Object goes, or is marked and waits for its finalizers. One that waits already may stay as it is. */
export type Deletion = { do: "remove" } | { do: "mark"; next: Stored };

/** Pure; the rules of Kubernetes' `rest.BeforeDelete` and of its garbage collection finalizers. `now` is RFC 3339. */
export function planDeletion(kind: Kind, current: Stored, options: DeleteOptions, now: string): Deletion {
  const propagation = kind.propagation ? kind.propagation(current, options) : options.propagation;
  const finalizers = finalizersFor(current.metadata.finalizers ?? [], propagation);
  const { finalizers: _old, ...rest } = current.metadata;
  const metadata: Stored["metadata"] = finalizers.length > 0 ? { ...rest, finalizers } : rest;
  const candidate: Stored = { ...current, metadata };
  if (!current.metadata.deletionTimestamp) kind.prepareForDelete?.(candidate);
  if (kind.finalizersOf(candidate).length === 0) return { do: "remove" };
  return {
    do: "mark",
    next: current.metadata.deletionTimestamp ? shorten(candidate, options) : mark(kind, candidate, options, now),
  };
}

function mark(kind: Kind, candidate: Stored, options: DeleteOptions, now: string): Stored {
  const { generation } = candidate.metadata;
  const grace = options.gracePeriodSeconds ?? kind.gracePeriodSeconds(candidate);
  const metadata = {
    ...candidate.metadata,
    deletionTimestamp: now,
    ...(grace === undefined ? {} : { deletionGracePeriodSeconds: grace }),
    ...(generation === undefined ? {} : { generation: generation + 1 }),
  };
  return { ...candidate, metadata };
}

/** A second DELETE may only ask for less patience, or for another propagation. */
function shorten(candidate: Stored, { gracePeriodSeconds }: DeleteOptions): Stored {
  const { deletionGracePeriodSeconds: grace = Number.POSITIVE_INFINITY } = candidate.metadata;
  if (gracePeriodSeconds === undefined || gracePeriodSeconds >= grace) return candidate;
  return { ...candidate, metadata: { ...candidate.metadata, deletionGracePeriodSeconds: gracePeriodSeconds } };
}

/** Foreground and Orphan are finalizers for the garbage collector; when nothing is asked, those that are there stay. */
function finalizersFor(existing: readonly string[], propagation: DeleteOptions["propagation"]): string[] {
  const { foregroundFinalizer, orphanFinalizer } = wellKnown;
  if (!propagation) return [...existing];
  const wanted = { Foreground: foregroundFinalizer, Orphan: orphanFinalizer, Background: undefined }[propagation];
  const kept = existing.filter((name) => name === wanted || (name !== foregroundFinalizer && name !== orphanFinalizer));
  return wanted === undefined || kept.includes(wanted) ? kept : [...kept, wanted];
}

/** Throws Conflict unless the Object still is the one that was meant. */
export function assertPreconditions(
  resource: Resource,
  current: Stored,
  { uid, resourceVersion }: NonNullable<DeleteOptions["preconditions"]>,
): void {
  const { metadata } = current;
  // The real server names the kind here, not the resource.
  const named = { ...resource, plural: resource.kind };
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw conflict(named, metadata.name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw conflict(named, metadata.name, why);
  }
}
