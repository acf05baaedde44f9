import type { Client } from "../../../api/client.ts";
import { makeKey, type Stored } from "../../../api/object.ts";
import type { Resource } from "../../../api/scheme.ts";
import type { Clock } from "../../../lib/clock.ts";
import { follow } from "./follow.ts";

/** An object whose end is awaited; another object of the same name later does not count. */
export interface Leaving {
  resource: Resource;
  object: Stored;
}

/**
 * Resolves when all are gone. One watch per kind and namespace, however many objects. `left` is told which ones remain,
 * after every change. Returns early with the rest when the signal aborts.
 */
export async function untilGone(
  client: Client,
  leaving: readonly Leaving[],
  { signal, clock, left }: { signal: AbortSignal; clock: Clock; left?: (remaining: readonly Leaving[]) => void },
): Promise<readonly Leaving[]> {
  const remaining = new Set(leaving);
  const groups = Map.groupBy(
    leaving,
    ({ resource, object }) => `${resource.plural}/${object.metadata.namespace ?? ""}`,
  );
  const watchGroup = async (group: readonly Leaving[]): Promise<void> => {
    const { resource, object } = group[0]!;
    const { namespace, name } = object.metadata;
    const selection = {
      ...(namespace === undefined ? {} : { namespace }),
      ...(group.length === 1 ? { fieldSelector: `metadata.name=${name}` } : {}),
    };
    for await (const present of follow(client, resource, selection, { signal, clock })) {
      for (const one of group) {
        const { metadata } = one.object;
        const now = present.get(makeKey(metadata.namespace, metadata.name));
        if (now?.metadata.uid !== metadata.uid && remaining.delete(one)) left?.([...remaining]);
      }
      if (group.every((one) => !remaining.has(one))) return;
    }
  };
  await Promise.all([...groups.values()].map(watchGroup));
  return [...remaining];
}
