import type { Condition } from "./types.generated.ts";

export type { Condition };

/** A Condition as a controller gives it; `lastTransitionTime` is added here. */
export type NewCondition = Omit<Condition, "lastTransitionTime">;

/**
 * The conditions with this one in its place (by type; new ones at the end). `lastTransitionTime` moves only when `status` changes.
 * Returns the same array when nothing changes, so that a caller can skip the write.
 */
export function setCondition(conditions: readonly Condition[], condition: NewCondition, now: Date): Condition[] {
  const index = conditions.findIndex((one) => one.type === condition.type);
  const before = conditions[index];
  const lastTransitionTime = before && before.status === condition.status ? before.lastTransitionTime : timestamp(now);
  const after: Condition = { ...condition, lastTransitionTime };
  if (!before) return [...conditions, after];
  return same(before, after) ? (conditions as Condition[]) : conditions.with(index, after);
}

export const findCondition = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type);

export const isTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  findCondition(conditions, type)?.status === "True";

/** Many times of one second are written one after the other. */
const last = { second: Number.NaN, text: "" };

/** RFC 3339, whole seconds, UTC: as Kubernetes writes times. */
export function timestamp(time: Date): string {
  const second = Math.floor(time.getTime() / 1000);
  if (second !== last.second) {
    last.text = `${time.toISOString().slice(0, -5)}Z`;
    last.second = second;
  }
  return last.text;
}

const same = (a: Condition, b: Condition): boolean =>
  a.status === b.status &&
  a.reason === b.reason &&
  a.message === b.message &&
  a.observedGeneration === b.observedGeneration &&
  a.lastTransitionTime === b.lastTransitionTime;
