import type { Client } from "../../api/client.ts";
import { controllerOf, keyOf, type Stored } from "../../api/object.ts";
import { namespaces, type Resource, serviceAccounts, wellKnown } from "../../api/scheme.ts";
import { enumerate } from "../../lib/wording.ts";
import type { Made } from "./inventory.ts";

interface Prunable {
  prunable: Made[];
  /** Why the others stay. */
  problems: string[];
}

/**
 * Leaves out the Namespaces that hold what does not go itself (somebody else's, declared still, paused, or there before the source): everything in a Namespace is
 * deleted with it, and the brake has counted what goes. `made`: all that is to go.
 */
export async function findPrunable(
  client: Client,
  made: readonly Made[],
  resources: readonly Resource[],
  signal: AbortSignal,
): Promise<Prunable> {
  const found: Prunable = { prunable: [], problems: [] };
  const going = new Set(made.map(({ object }) => object.metadata.uid));
  for (const one of made) {
    const { name } = one.object.metadata;
    const isNamespace = one.resource.plural === namespaces.plural;
    const staying = isNamespace ? await stayingIn(client, name, resources, going, signal) : [];
    if (staying.length === 0) found.prunable.push(one);
    else found.problems.push(describe(name, staying));
  }
  return found;
}

async function stayingIn(
  client: Client,
  namespace: string,
  resources: readonly Resource[],
  going: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string[]> {
  const lists = resources
    .filter(({ namespaced }) => namespaced)
    .map(async (resource) => {
      const { items } = await client.list(resource, { namespace, signal });
      return items
        .filter((object) => !going.has(object.metadata.uid) && !controllerOf(object) && !isOfEach(resource, object))
        .map((object) => `${resource.kind} ${keyOf(object)}`);
    });
  return (await Promise.all(lists)).flat();
}

/** The daemon makes it in each Namespace. */
const isOfEach = ({ plural }: Resource, { metadata }: Stored): boolean =>
  plural === serviceAccounts.plural && metadata.name === wellKnown.defaultServiceAccount;

const describe = (namespace: string, staying: readonly string[]): string =>
  `namespace ${namespace} is not pruned, because it holds what does not go with it: ${enumerate(staying)}`;
