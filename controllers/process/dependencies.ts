import { makeKey, type Stored } from "../../api/object.ts";
import type { Instance, Process } from "../../api/types.generated.ts";

/** May copies of a Process be started, as far as others are concerned? */
export type Verdict = { ok: true } | { ok: false; rule: "WaitingForDependency" | "DependencyCycle"; message: string };

/** What is known about the others: the caches, or a table in a test. */
export interface Neighbours {
  process(key: string): Stored<Process> | undefined;
  /** The living Instances of that very Process. */
  instances(process: Stored<Process>): Stored<Instance>[];
}

type Wanted = "Started" | "Ready" | "Completed";

/** Judges all dependencies of a Process. Only starts wait for them: what runs is not stopped when a dependency fails later. */
export function judge(process: Stored<Process>, neighbours: Neighbours): Verdict {
  const cycle = cycleThrough(process, neighbours);
  if (cycle) return { ok: false, rule: "DependencyCycle", message: describeCycle(cycle) };
  const missing = (process.spec.dependsOn ?? [])
    .map(({ name, condition }) => whyNot(process, name, condition ?? "Ready", neighbours))
    .filter((why) => why !== undefined);
  return missing.length === 0 ? { ok: true } : { ok: false, rule: "WaitingForDependency", message: missing.join("; ") };
}

const describeCycle = (cycle: readonly string[]): string =>
  `dependsOn goes in a circle: ${cycle.join(" -> ")}; none of them can start before the others. Remove one of these dependencies`;

/** The names on the way from a Process back to itself, the first one again at the end. */
export function cycleThrough(process: Stored<Process>, neighbours: Neighbours): string[] | undefined {
  const { name: start, namespace } = process.metadata;
  const visited = new Set<string>();
  const search = (at: Stored<Process> | undefined, path: string[]): string[] | undefined => {
    for (const { name } of at?.spec.dependsOn ?? []) {
      if (name === start) return [...path, name];
      if (visited.has(name)) continue;
      visited.add(name);
      const found = search(neighbours.process(makeKey(namespace, name)), [...path, name]);
      if (found) return found;
    }
    return undefined;
  };
  return search(process, [start]);
}

function whyNot(of: Stored<Process>, name: string, wanted: Wanted, neighbours: Neighbours): string | undefined {
  const process = neighbours.process(makeKey(of.metadata.namespace, name));
  if (!process) return `waiting for ${name} to be ${wanted}: there is no process "${name}" in this namespace`;
  if (process.metadata.deletionTimestamp) return `waiting for ${name} to be ${wanted}: it is being deleted`;
  const replicas = process.spec.replicas ?? 1;
  if (replicas === 0) return `waiting for ${name} to be ${wanted}: it is scaled to 0`;
  const instances = neighbours.instances(process).filter((instance) => !instance.metadata.deletionTimestamp);
  const fulfilling = instances.filter(fulfils[wanted]).length;
  if (fulfilling >= replicas) return undefined;
  const completed = wanted === "Ready" && instances.filter(fulfils.Completed).length >= replicas;
  const hint = completed ? `; it has completed and will not become ready: use condition Completed` : "";
  return `waiting for ${name} to be ${wanted}: ${fulfilling} of ${replicas} instances are${hint}`;
}

const fulfils = {
  Started: ({ status }) => status?.started === true || status?.ready === true || status?.phase === "Succeeded",
  Ready: ({ status }) => status?.ready === true,
  Completed: ({ status }) => status?.phase === "Succeeded",
} satisfies Record<Wanted, (instance: Stored<Instance>) => boolean>;
