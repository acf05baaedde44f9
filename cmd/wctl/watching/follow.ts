import type { Client } from "../../../api/client.ts";
import { isReason, StatusError } from "../../../api/errors.ts";
import { type Key, type KubeObject, keyOf, type Stored } from "../../../api/object.ts";
import type { Resource } from "../../../api/scheme.ts";
import { type Clock, sleep } from "../../../lib/clock.ts";

export interface Selection {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

const RELIST_PAUSE_MS = 250;

/**
 * The selected objects, by key, now and after every change. Survives ends of the watch, 410 and a server that is away for
 * a moment by listing again; ends when the signal aborts. The map is the same one each time: read it, do not keep it.
 */
export async function* follow<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  selection: Selection,
  { signal, clock }: { signal: AbortSignal; clock: Clock },
): AsyncGenerator<ReadonlyMap<Key, Stored<T>>> {
  let first = true;
  while (!signal.aborted) {
    try {
      const list = await client.list(resource, { ...selection, signal });
      first = false;
      const objects = new Map(list.items.map((item) => [keyOf(item), item]));
      yield objects;
      const { resourceVersion } = list.metadata;
      for await (const event of client.watch(resource, { ...selection, signal, resourceVersion })) {
        if (event.type === "BOOKMARK") continue;
        if (event.type === "DELETED") objects.delete(keyOf(event.object));
        else objects.set(keyOf(event.object), event.object);
        yield objects;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (first || !isPassing(error)) throw error;
    }
    await sleep(clock, RELIST_PAUSE_MS, signal).catch(() => undefined);
  }
}

/** Errors that another list may not meet: the revision was compacted, the server is busy or just starting again. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof StatusError)) return true;
  const passing = ["Expired", "Gone", "ServiceUnavailable", "TooManyRequests", "Timeout", "InternalError"] as const;
  return passing.some((reason) => isReason(error, reason));
}

/** Just one object. */
export const selectOne = (resource: Resource, namespace: string, name: string): Selection => ({
  ...(resource.namespaced ? { namespace } : {}),
  fieldSelector: `metadata.name=${name}`,
});
