import type { Stored } from "../../../api/object.ts";
import type { Process } from "../../../api/types.generated.ts";
import { Failure } from "../errors/failure.ts";

/** The merge patch that restarts all copies of a Process by its strategy. Throws a Failure for one that is stopped or paused: nothing of it would start. */
export function restartOf({ metadata: { name }, spec }: Stored<Process>, now: Date): { spec: { restartedAt: string } } {
  if (spec.suspend) {
    const hint = `"wctl start process/${name}" starts it.`;
    throw new Failure(`process "${name}" is stopped (spec.suspend is true) and is not restarted`, { hint });
  }
  if (spec.paused) {
    const hint = `Resume it first with 'wctl rollout resume process/${name}' and try again.`;
    throw new Failure(`process "${name}" is paused and is not restarted`, { hint });
  }
  return { spec: { restartedAt: after(spec.restartedAt, now) } };
}

/** Now, and in any case another time than before: the same one would change nothing. */
function after(before: string | undefined, now: Date): string {
  const last = Date.parse(before ?? "");
  return (last >= now.getTime() ? new Date(last + 1) : now).toISOString();
}
