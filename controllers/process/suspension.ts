import { isSuspended, type Replica } from "./replicas/replica.ts";
import type { Situation, Suspension } from "./situation.ts";

/** Which replicas are to be stopped in place, or to run again. What a move of the rollout removes is left alone. */
export function suspensionOf(
  { process, replicas, dependencies }: Pick<Situation, "process" | "replicas" | "dependencies">,
  removed: ReadonlySet<Replica>,
): Suspension {
  const suspend = isSuspended(process);
  const other = replicas.filter(
    (replica) => !replica.deleting && replica.suspended !== suspend && !removed.has(replica),
  );
  if (!suspend && !dependencies.ok) return { steps: [], held: other };
  return { steps: other.map((replica) => ({ do: "suspend", replica, suspend })), held: [] };
}
