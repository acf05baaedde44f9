import { declarable } from "../../../../api/apply/declarable.ts";
import { dependenciesFirst } from "../../../../api/apply/dependencies-first.ts";
import { DIRECTORY_LABEL, fileOf } from "../../../../api/apply/source-marks.ts";
import { WAVES, waveOf } from "../../../../api/apply/waves.ts";
import { sourceLabelOf } from "../../../../api/git/source-label.ts";
import { controllerOf, keyOf, type Stored } from "../../../../api/object.ts";
import { instances, nodes, processes, type Resource, scheme, wellKnown } from "../../../../api/scheme.ts";
import type { Instance, Process } from "../../../../api/types.generated.ts";
import type { Found } from "../../input/find-objects.ts";
import { byIndex, ownedSelector } from "../../input/owned.ts";
import type { Reading } from "./reading.ts";

/** An object, and what is there because of it. */
export interface Branch extends Found {
  children: readonly Branch[];
}

/** Below a source what it has applied, and below each Process its Instances. */
export async function branchOf({ resource, object }: Found, reading: Reading): Promise<Branch> {
  const { namespace } = object.metadata;
  if (is(resource, processes)) {
    const copies = await reading.list(instances, ownedSelector(object as Stored<Process>), namespace);
    return { resource, object, children: copiesOf(object, copies) };
  }
  const label = is(resource, nodes) ? DIRECTORY_LABEL : sourceLabelOf(object);
  const [applied, copies] = await Promise.all([
    appliedBy(label, namespace, reading),
    reading.list(instances, undefined, namespace),
  ]);
  const children = asApplied(applied).map(
    (one): Branch => ({
      ...one,
      children: is(one.resource, processes) ? copiesOf(one.object, copies) : [],
    }),
  );
  return { resource, object, children };
}

const is = (resource: Resource, other: Pick<Resource, "plural" | "group">): boolean =>
  resource.plural === other.plural && resource.group === other.group;

async function appliedBy(label: string, home: string | undefined, reading: Reading): Promise<Found[]> {
  const lists = declarable(scheme).map(async (resource) => {
    const objects = await reading.list(resource, `${wellKnown.sourceLabel}=${label}`, home);
    // The label alone somebody may have copied.
    return objects.filter((object) => fileOf(object) !== undefined).map((object): Found => ({ resource, object }));
  });
  return (await Promise.all(lists)).flat();
}

/** By kind and name, and of these as a source applies them. */
export function asApplied(found: readonly Found[]): Found[] {
  const sorted = found
    .map((one) => ({ ...one, key: keyOf(one.object) }))
    .toSorted((a, b) => scheme.indexOf(a.resource) - scheme.indexOf(b.resource) || (a.key < b.key ? -1 : 1));
  return WAVES.flatMap((wave) => dependenciesFirst(sorted.filter(({ resource }) => waveOf(resource) === wave)));
}

const copiesOf = ({ metadata: { uid } }: Stored, copies: readonly Stored<Instance>[]): Branch[] =>
  copies
    .filter((copy) => controllerOf(copy)?.uid === uid)
    .toSorted(byIndex)
    .map((object) => ({ resource: instances as Resource, object, children: [] }));
