import { labelOf } from "../../api/apply/source-marks.ts";
import type { Client } from "../../api/client.ts";
import { controllerOf, keyOf } from "../../api/object.ts";
import { namespaces, type Resource } from "../../api/scheme.ts";
import { enumerate } from "../../lib/wording.ts";
import type { Made } from "./inventory.ts";
import type { SourceIdentity } from "./reader.ts";

interface Prunable {
  prunable: Made[];
  /** Why the others stay. */
  problems: string[];
}

/** Leaves out the Namespaces that hold what this source did not make: everything in a Namespace is deleted with it. */
export async function findPrunable(
  client: Client,
  made: readonly Made[],
  resources: readonly Resource[],
  source: SourceIdentity,
  signal: AbortSignal,
): Promise<Prunable> {
  const found: Prunable = { prunable: [], problems: [] };
  for (const one of made) {
    const { name } = one.object.metadata;
    const isNamespace = one.resource.plural === namespaces.plural;
    const foreign = isNamespace ? await foreignIn(client, name, resources, source, signal) : [];
    if (foreign.length === 0) found.prunable.push(one);
    else found.problems.push(describe(name, foreign, source));
  }
  return found;
}

async function foreignIn(
  client: Client,
  namespace: string,
  resources: readonly Resource[],
  { label }: SourceIdentity,
  signal: AbortSignal,
): Promise<string[]> {
  const lists = resources
    .filter(({ namespaced }) => namespaced)
    .map(async (resource) => {
      const { items } = await client.list(resource, { namespace, signal });
      return items
        .filter((object) => labelOf(object) !== label && !controllerOf(object))
        .map((object) => `${resource.kind} ${keyOf(object)}`);
    });
  return (await Promise.all(lists)).flat();
}

const describe = (namespace: string, foreign: readonly string[], { noun }: SourceIdentity): string =>
  `namespace ${namespace} is not pruned, because it holds what the ${noun} did not make: ${enumerate(foreign)}`;
