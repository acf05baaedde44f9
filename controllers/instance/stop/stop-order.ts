import type { StopSignal } from "../../../runtime/runtime.ts";

/** One step of a stop. PreStop is skipped when the main process has ended by then, Signal when all of its tree has; Kill never is. */
export type Rung =
  | { name: "PreStop"; command: readonly string[] }
  | { name: "Signal"; signal: StopSignal }
  | { name: "Kill" };

export interface StopOrder {
  uid: string;
  run: number;
  rungs: readonly Rung[];
  /** For PreStop and Signal together; Kill comes after it. 0 or less: Kill at once. */
  graceMs: number;
}

export interface StopReport {
  /** The rung that ended the main process. */
  rung: Rung["name"];
  durationMs: number;
  message: string;
}

export type StopState =
  /** `deadline`: monotonic ms at which the grace period ends, as things stand. */
  | { phase: "stopping"; rung: Rung["name"]; deadline: number }
  | { phase: "stopped"; report: StopReport }
  /** Something survived the kill. It is killed again every now and then. */
  | { phase: "failed"; message: string };

export function rungsOf(stop: { signal: StopSignal; preStop?: { exec: { command: readonly string[] } } }): Rung[] {
  const rungs: Rung[] = [];
  if (stop.preStop) rungs.push({ name: "PreStop", command: stop.preStop.exec.command });
  if (stop.signal !== "None") rungs.push({ name: "Signal", signal: stop.signal });
  rungs.push({ name: "Kill" });
  return rungs;
}

/** `graceMs`: as it was in the end, when it became shorter on the way. */
export function reportOf(rung: Rung["name"], durationMs: number, graceMs: number, note: string): StopReport {
  const took = `after ${(durationMs / 1000).toFixed(1)}s`;
  const how =
    rung === "PreStop"
      ? `it ended during preStop ${took}.`
      : rung === "Signal"
        ? `it ended on its stop signal ${took}.`
        : graceMs <= 0
          ? `it was killed at once.`
          : `it did not end within its grace period of ${Math.round(graceMs) / 1000}s and was killed ${took}.`;
  return { rung, durationMs, message: how + note };
}
