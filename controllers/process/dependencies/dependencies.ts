import { type Key, keyOf, makeKey, type Stored } from "../../../api/object.ts";
import type { Instance, Process } from "../../../api/types.generated.ts";
import { count } from "../../../lib/wording.ts";
import { intendedRevisionOf } from "../rollout/rollback.ts";

/**
 * Whether the dependencies of a Process allow its replicas to start. DependencyFailed and DependencyCycle: waiting alone does not help; somebody must
 * change a spec, or delete what failed.
 */
export type Verdict =
  | { ok: true }
  | { ok: false; rule: "WaitingForDependency" | "DependencyFailed" | "DependencyCycle"; message: string };

/** With these rules a Process waits for a person, and so does every Process that depends on it. */
export const STALLING_RULES: ReadonlySet<string> = new Set(["DependencyFailed", "DependencyCycle"]);

/** What is known about the others: the caches, or a table in a test. */
export interface Neighbours {
  process(key: string): Stored<Process> | undefined;
  /** The living Instances of that very Process. */
  instances(process: Stored<Process>): Stored<Instance>[];
  /** The path from a Process back to itself; undefined when its dependencies are in no cycle. */
  cycleThrough(key: Key): Key[] | undefined;
}

type Wanted = "Started" | "Ready" | "Completed";

/** So many names of a cycle are told. */
const TOLD = 10;

/** Judges all dependencies of a Process. Only starts wait for dependencies: what runs is not stopped when one fails later. */
export function judge(process: Stored<Process>, neighbours: Neighbours): Verdict {
  const cycle = neighbours.cycleThrough(keyOf(process));
  if (cycle) return { ok: false, rule: "DependencyCycle", message: describeCycle(cycle) };
  const unmet = (process.spec.dependsOn ?? [])
    .map(({ name, condition }) => unmetOf(process, name, condition ?? "Ready", neighbours))
    .filter((one) => one !== undefined);
  if (unmet.length === 0) return { ok: true };
  const rule = unmet.some(({ stalled }) => stalled) ? "DependencyFailed" : "WaitingForDependency";
  return { ok: false, rule, message: unmet.map(({ message }) => message).join("; ") };
}

function describeCycle(cycle: readonly Key[]): string {
  const names = cycle.map((key) => key.slice(key.indexOf("/") + 1));
  const more = names.length - TOLD;
  const told = more > 1 ? [...names.slice(0, TOLD - 1), `(${more} more)`, ...names.slice(-1)] : names;
  return `dependsOn forms a cycle: ${told.join(" -> ")}; none of them can start before the others. Remove one of these dependencies`;
}

interface Unmet {
  message: string;
  stalled: boolean;
}

function unmetOf(of: Stored<Process>, name: string, wanted: Wanted, neighbours: Neighbours): Unmet | undefined {
  const because = (why: string, stalled = false): Unmet => ({
    message: `waiting for ${name} to be ${wanted}: ${why}`,
    stalled,
  });
  const process = neighbours.process(makeKey(of.metadata.namespace, name));
  if (!process) return because(`there is no process "${name}" in this namespace`);
  if (process.metadata.deletionTimestamp) return because("it is being deleted");
  const replicaCount = process.spec.replicas ?? 1;
  if (replicaCount === 0) return because("it is scaled to 0");
  const living = neighbours.instances(process).filter((instance) => !instance.metadata.deletionTimestamp);
  const present = living.filter((instance) => instance.spec.revision === intendedRevisionOf(process));
  const fulfilling = present.filter(fulfils[wanted]).length;
  const isMet = fulfilling >= replicaCount;
  // What it has completed stays so; what else it is now will soon be over.
  if (process.spec.suspend && !(isMet && wanted === "Completed"))
    return because(`it is stopped; "wctl start process/${name}" starts it`);
  if (isMet) return undefined;
  const stalled = whyNever(process, present, wanted, replicaCount);
  const earlier = living.length - present.length;
  const old =
    earlier > 0
      ? `; ${count(earlier, "instance")} of an earlier template ${earlier === 1 ? "does" : "do"} not count`
      : "";
  return because(
    `${fulfilling} of ${replicaCount} instances are${old}${stalled ? `; ${stalled}` : ""}`,
    stalled !== undefined,
  );
}

/** Why waiting does not help, as things are. */
function whyNever(
  { metadata, spec, status }: Stored<Process>,
  present: readonly Stored<Instance>[],
  wanted: Wanted,
  replicaCount: number,
): string | undefined {
  const failed = present.find((instance) => instance.status?.phase === "Failed" && !fulfils[wanted](instance));
  if (failed) {
    return `${failed.metadata.name} failed and is not restarted (restartPolicy ${spec.restartPolicy}): change the spec of ${metadata.name}, or delete ${failed.metadata.name} to run it again`;
  }
  if (wanted === "Completed" && (spec.restartPolicy ?? "Always") === "Always") {
    return "it never completes, for its restartPolicy is Always: use OnFailure or Never";
  }
  if (wanted === "Ready" && present.filter(fulfils.Completed).length >= replicaCount) {
    return "it has completed and will not become ready: use condition Completed";
  }
  const { rule = "" } = status?.decision ?? {};
  if (!STALLING_RULES.has(rule) || status?.observedGeneration !== metadata.generation) return undefined;
  return `it cannot start itself (${rule}; wctl why process/${metadata.name})`;
}

const fulfils = {
  Started: ({ status }) => status?.started === true || status?.ready === true || status?.phase === "Succeeded",
  Ready: ({ status }) => status?.ready === true,
  Completed: ({ status }) => status?.phase === "Succeeded",
} satisfies Record<Wanted, (instance: Stored<Instance>) => boolean>;
