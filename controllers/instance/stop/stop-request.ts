import type { StopSignal } from "../../../runtime/runtime.ts";

/** One step of a stop. PreStop is skipped when the main process has ended by then, Signal when all of its tree has; Kill never is. */
export type StopStage =
  | { name: "PreStop"; command: readonly string[] }
  | { name: "Signal"; signal: StopSignal }
  | { name: "Kill" };

export interface StopRequest {
  uid: string;
  run: number;
  stages: readonly StopStage[];
  /** For PreStop and Signal together; Kill comes after it. 0 or less: Kill at once. */
  graceMs: number;
}

export interface StopReport {
  /** The stage that ended the main process, under the name that the API has for it. */
  rung: StopStage["name"];
  durationMs: number;
  message: string;
}

export type StopState =
  /** `deadline`: monotonic ms at which the grace period ends, as things stand. */
  | { phase: "stopping"; stage: StopStage["name"]; deadline: number }
  | { phase: "stopped"; report: StopReport }
  /** Something survived the kill. It is killed again every now and then. */
  | { phase: "failed"; message: string };

export function stagesOf(stop: {
  signal: StopSignal;
  preStop?: { exec: { command: readonly string[] } };
}): StopStage[] {
  const stages: StopStage[] = [];
  if (stop.preStop) stages.push({ name: "PreStop", command: stop.preStop.exec.command });
  if (stop.signal !== "None") stages.push({ name: "Signal", signal: stop.signal });
  stages.push({ name: "Kill" });
  return stages;
}

/** `graceMs`: as it was in the end, when it became shorter on the way. */
export function reportOf(stage: StopStage["name"], durationMs: number, graceMs: number, note: string): StopReport {
  const took = `after ${(durationMs / 1000).toFixed(1)}s`;
  const how =
    stage === "PreStop"
      ? `it ended during preStop ${took}.`
      : stage === "Signal"
        ? `it ended on its stop signal ${took}.`
        : graceMs <= 0
          ? `it was killed at once.`
          : `it did not end within its grace period of ${Math.round(graceMs) / 1000}s and was killed ${took}.`;
  return { rung: stage, durationMs, message: how + note };
}
