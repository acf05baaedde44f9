import { WAVES, waveOf } from "../../api/apply/waves.ts";
import type { Client } from "../../api/client.ts";
import { isConflict, isNotFound } from "../../api/errors.ts";
import { keyOf } from "../../api/object.ts";
import { inParallel } from "./in-parallel.ts";
import type { Made } from "./inventory.ts";

/** In the reverse order of applying. Resolves with what could not be deleted, in words. */
export async function prune(client: Client, made: readonly Made[], signal: AbortSignal): Promise<string[]> {
  const problems: string[] = [];
  for (const wave of WAVES.toReversed()) {
    await inParallel(
      made.filter(({ resource }) => waveOf(resource) === wave),
      signal,
      async (one) => {
        const problem = await pruneOne(client, one);
        if (problem !== undefined) problems.push(problem);
      },
    );
  }
  return problems;
}

async function pruneOne(client: Client, { resource, object }: Made): Promise<string | undefined> {
  if (object.metadata.deletionTimestamp) return undefined;
  try {
    const { uid } = object.metadata;
    await client.delete(resource, keyOf(object), { propagation: "Background", preconditions: { uid } });
    return undefined;
  } catch (error) {
    if (isNotFound(error) || isConflict(error)) return undefined;
    return `${resource.kind} ${keyOf(object)} could not be pruned: ${error instanceof Error ? error.message : error}`;
  }
}
