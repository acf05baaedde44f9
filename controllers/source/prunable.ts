import type { Client } from "../../api/client.ts";
import { controllerOf, keyOf } from "../../api/object.ts";
import { namespaces, type Resource } from "../../api/scheme.ts";
import { labelOf, type Made } from "./inventory.ts";
import type { SourceIdentity } from "./reader.ts";

interface Spared {
  prune: Made[];
  /** Why the others stay. */
  problems: string[];
}

/** A Namespace takes everything in it along when it goes: those that hold what this source did not make stay. */
export async function sparingForeignContent(
  client: Client,
  made: readonly Made[],
  resources: readonly Resource[],
  source: SourceIdentity,
  signal: AbortSignal,
): Promise<Spared> {
  const spared: Spared = { prune: [], problems: [] };
  for (const one of made) {
    const { name } = one.object.metadata;
    const isNamespace = one.resource.plural === namespaces.plural;
    const foreign = isNamespace ? await foreignIn(client, name, resources, source, signal) : [];
    if (foreign.length === 0) spared.prune.push(one);
    else spared.problems.push(describe(name, foreign, source));
  }
  return spared;
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
  `namespace ${namespace} is not pruned, for it holds what the ${noun} did not make: ${foreign.slice(0, 3).join(", ")}${foreign.length > 3 ? ` and ${foreign.length - 3} more` : ""}`;
