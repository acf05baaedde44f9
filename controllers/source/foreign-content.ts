import type { Client } from "../../api/client.ts";
import { controllerOf, keyOf } from "../../api/object.ts";
import { namespaces, type Resource, wellKnown } from "../../api/scheme.ts";
import { DIRECTORY } from "./desired.ts";
import type { Made } from "./prune.ts";

/**
 * A Namespace takes everything in it along when it goes: those that hold what the folder did not make stay. Returns what may be pruned, and
 * why the rest may not.
 */
export async function sparingForeignContent(
  client: Client,
  made: readonly Made[],
  resources: readonly Resource[],
  signal: AbortSignal,
): Promise<{ prune: Made[]; problems: string[] }> {
  const prune: Made[] = [];
  const problems: string[] = [];
  for (const one of made) {
    const foreign =
      one.resource.plural === namespaces.plural
        ? await foreignIn(client, one.object.metadata.name, resources, signal)
        : [];
    if (foreign.length === 0) prune.push(one);
    else problems.push(describe(one.object.metadata.name, foreign));
  }
  return { prune, problems };
}

async function foreignIn(
  client: Client,
  namespace: string,
  resources: readonly Resource[],
  signal: AbortSignal,
): Promise<string[]> {
  const lists = resources
    .filter(({ namespaced }) => namespaced)
    .map(async (resource) => {
      const { items } = await client.list(resource, { namespace, signal });
      return items
        .filter((object) => object.metadata.labels?.[wellKnown.sourceLabel] !== DIRECTORY && !controllerOf(object))
        .map((object) => `${resource.kind} ${keyOf(object)}`);
    });
  return (await Promise.all(lists)).flat();
}

const describe = (namespace: string, foreign: readonly string[]): string =>
  `namespace ${namespace} is not pruned, for it holds what the folder did not make: ${foreign.slice(0, 3).join(", ")}${foreign.length > 3 ? ` and ${foreign.length - 3} more` : ""}`;
