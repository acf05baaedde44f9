import type { Client } from "../../api/client.ts";
import { isNotFound } from "../../api/errors.ts";
import { keyOf } from "../../api/object.ts";
import { wellKnown } from "../../api/scheme.ts";
import { inParallel } from "./in-parallel.ts";
import type { Made } from "./inventory.ts";

const { sourceLabel, sourceFileAnnotation, sourceAdoptedAnnotation } = wellKnown;

/** Lets go of what the source did not make: it stays as it is, without the source's marks. Resolves with what could not be let go, in words. */
export async function release(client: Client, found: readonly Made[], signal: AbortSignal): Promise<string[]> {
  const problems: string[] = [];
  const annotations = { [sourceFileAnnotation]: null, [sourceAdoptedAnnotation]: null };
  const body = { metadata: { labels: { [sourceLabel]: null }, annotations } };
  await inParallel(found, signal, async ({ resource, object }) => {
    try {
      await client.patch(resource, keyOf(object), { type: "merge", body });
    } catch (error) {
      if (isNotFound(error)) return;
      problems.push(
        `${resource.kind} ${keyOf(object)} could not be let go: ${error instanceof Error ? error.message : error}`,
      );
    }
  });
  return problems;
}
