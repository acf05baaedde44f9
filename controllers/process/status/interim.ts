import type { ProcessStatus } from "../../../api/types.generated.ts";
import { sameJson } from "../../../lib/same-json.ts";
import { STALLING_RULES } from "../dependencies/dependencies.ts";
import type { Replica } from "../replicas/replica.ts";
import type { Plan } from "../situation.ts";

/** An Instance that goes makes room for the next one so soon that nobody need read of the time between. */
const GOING_MS = 150;
/** A new Instance says soon how it is; where a thousand start together, it takes its time. Until then a Process shows as Pending anyway. */
export const COMING_MS = 1_000;

export interface Report {
  /** What comes next. */
  plan: Plan;
  replicas: readonly Replica[];
  before: ProcessStatus | undefined;
  status: ProcessStatus;
  refusal?: string | undefined;
}

/** Pure. For how many milliseconds a status may wait, since the next one is near; 0: it tells something that stays. */
export function interimMs({ plan, replicas, before, status, refusal }: Report): number {
  if (refusal !== undefined || STALLING_RULES.has(plan.rule)) return 0;
  // A rollback is written down before anything is done for it.
  if (!sameJson(before?.rollback, status.rollback)) return 0;
  if (plan.steps.length > 0 || replicas.some(({ deleting }) => deleting)) return GOING_MS;
  return replicas.some(({ instance }) => instance.status?.phase === undefined) ? COMING_MS : 0;
}
