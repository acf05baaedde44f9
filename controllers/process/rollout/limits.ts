import type { ProcessSpec } from "../../../api/types.generated.ts";

export interface Limits {
  maxUnavailable: number;
  maxSurge: number;
}

/**
 * How far a rolling update may go. As for a Deployment (`ResolveFenceposts`), a percentage is rounded up for maxSurge and down for
 * maxUnavailable; if both are 0, maxUnavailable becomes 1, since nothing could move otherwise.
 */
export function limitsOf(spec: ProcessSpec): Limits {
  const replicaCount = spec.replicas ?? 1;
  const { maxUnavailable = 1, maxSurge = 0 } = spec.strategy?.rollingUpdate ?? {};
  const surge = resolve(maxSurge, replicaCount, Math.ceil);
  const unavailable = resolve(maxUnavailable, replicaCount, Math.floor);
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** Admission refuses what is neither a number nor a percentage. */
function resolve(value: number | string, of: number, round: (value: number) => number): number {
  if (typeof value === "number") return value;
  const number = Number.parseInt(value, 10) || 0;
  return value.endsWith("%") ? round((number * of) / 100) : number;
}
