import { copyIdentity } from "../../../../api/copy.ts";
import { controllerOf, type Stored } from "../../../../api/object.ts";
import type { Instance, Process } from "../../../../api/types.generated.ts";

/** A copy whose output is followed, over its Instances. */
export interface Copy {
  /** `OWNER/INDEX` */
  key: string;
  owner: string;
  index: number;
  /** That of its Instances. */
  name: string;
  namespace: string;
  /** The name of its Process. Absent: no Process owns the Instance. */
  process?: string;
}

/** What the API shows now. */
export interface View {
  /** By key of their copy. */
  instances: ReadonlyMap<string, Stored<Instance>>;
  /** By uid. */
  processes: ReadonlyMap<string, Stored<Process>>;
}

/** `owner`: the uid of the only Process, or unowned Instance, whose copies count. Absent: those of all. */
export function viewOf(
  instances: readonly Stored<Instance>[],
  processes: readonly Stored<Process>[],
  owner: string | undefined,
): View {
  const own = instances
    .map((instance) => [copyFrom(instance), instance] as const)
    .filter(([copy]) => owner === undefined || copy.owner === owner);
  return {
    instances: new Map(own.map(([{ key }, instance]) => [key, instance])),
    processes: new Map(processes.map((process) => [process.metadata.uid, process])),
  };
}

export function copyFrom(instance: Stored<Instance>): Copy {
  const { owner, index } = copyIdentity(instance);
  const { name, namespace = "default" } = instance.metadata;
  const process = controllerOf(instance)?.name;
  return { key: `${owner}/${index}`, owner, index, name, namespace, ...(process !== undefined && { process }) };
}

export type Leaving = "finished" | "scaled" | "deleted";

/** Why nothing more will come of a copy. Undefined: something may, also when it is not there just now, as in a rollout. Pure. */
export function leavingOf(
  { key, owner, index, process: name }: Copy,
  { instances, processes }: View,
): Leaving | undefined {
  const instance = instances.get(key);
  if (instance) return isFinished(instance) ? "finished" : undefined;
  const process = processes.get(owner);
  if (name === undefined || !process || isGoing(process)) return "deleted";
  return index >= replicasOf(process) ? "scaled" : undefined;
}

/** Copies of this Process may still come, or come back: it is neither deleted nor done with its work. Pure. */
export function mayGoOn(owner: string, { instances, processes }: View): boolean {
  const process = processes.get(owner);
  if (!process || isGoing(process)) return false;
  const done = [...instances.values()].filter((one) => copyIdentity(one).owner === owner && isFinished(one));
  return done.length === 0 || done.length < replicasOf(process);
}

function isFinished({ metadata, status }: Stored<Instance>): boolean {
  return metadata.deletionTimestamp === undefined && (status?.phase === "Succeeded" || status?.phase === "Failed");
}

const isGoing = ({ metadata }: Stored<Process>): boolean => metadata.deletionTimestamp !== undefined;
const replicasOf = ({ spec }: Stored<Process>): number => spec.replicas ?? 1;
