import { withoutBookkeeping } from "../../api/apply/shown.ts";
import { waveOf } from "../../api/apply/waves.ts";
import type { Client } from "../../api/client.ts";
import type { SourceChange } from "../../api/git/source-diff.ts";
import { type KubeObject, type Stored, splitKey } from "../../api/object.ts";
import { namespaces } from "../../api/scheme.ts";
import { sameJson } from "../../lib/same-json.ts";
import { type ApplyOne, attempt, type Failure } from "./apply.ts";
import type { Declared } from "./desired.ts";
import { getIfThere, serverSideApply } from "./server-side.ts";

interface DryRun {
  /** In the order in which they would be applied. */
  changes: SourceChange[];
  failures: Failure[];
}

/**
 * What the API would make of each Object if the source applied it: in its name and by its rights, and nothing is kept. What belongs to a Namespace that is still to
 * be made is shown as it is declared: the API cannot judge it yet.
 */
export async function dryRun(
  declared: readonly Declared[],
  { client, fieldManager }: { client: Client; fieldManager: string },
  signal: AbortSignal,
): Promise<DryRun> {
  const live = new Map<Declared, Stored | undefined>();
  const applyOne = serverSideApply(client, fieldManager);
  const watched: ApplyOne = async (one, isDry) => {
    live.set(one, await getIfThere(client, one.resource, one.key));
    return applyOne(one, isDry);
  };
  const { applied, failures } = await attempt(watched, declared, true, signal);
  const isNew = ({ resource, key }: Declared): boolean => {
    const { namespace = "" } = splitKey(key);
    const home = declared.find((one) => one.resource.plural === namespaces.plural && one.key === namespace);
    return resource.namespaced && home !== undefined && applied.has(home) && live.get(home) === undefined;
  };
  const unjudged = new Set(failures.filter((one) => one.isAbsent && isNew(one.declared)).map((one) => one.declared));
  const changes = declared
    .toSorted((a, b) => waveOf(a.resource) - waveOf(b.resource))
    .flatMap((one) => {
      const after = unjudged.has(one) ? one.object : applied.get(one);
      return after ? [changeOf(one, live.get(one), after)] : [];
    });
  return { changes, failures: failures.filter((one) => !unjudged.has(one.declared)) };
}

function changeOf({ resource, key, manifest }: Declared, before: Stored | undefined, after: KubeObject): SourceChange {
  const { namespace, name } = splitKey(key);
  const { file, line } = manifest;
  const named = { resource, namespace, name, file, line };
  if (!before) return { action: "Create", ...named, after };
  const isSame = sameJson(withoutBookkeeping(before), withoutBookkeeping(after));
  return { action: isSame ? "Unchanged" : "Configure", ...named, before, after };
}
