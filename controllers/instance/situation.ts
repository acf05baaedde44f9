import type { Stored } from "../../api/object.ts";
import type { Instance } from "../../api/types.generated.ts";
import type { ProbeState } from "../../runtime/probes/prober.ts";
import type { ProcessState, StopSignal } from "../../runtime/runtime.ts";
import type { ReloadState } from "./reload/reloader.ts";
import type { Interruption } from "./state/terminated.ts";
import type { WorkerState } from "./state/worker-state.ts";
import type { StopStage, StopState } from "./stop/stop-request.ts";

/** What the agent as a whole is doing. Stopping: nothing new is started (P9). Paused: nothing is touched. */
export type Mode = "running" | "paused" | "stopping";

/** Everything a decision may depend on. */
export interface Situation {
  instance: Stored<Instance>;
  mode: Mode;
  worker: WorkerState;
  process?: ProcessState;
  stop?: StopState;
  probes?: ProbeState;
  reload: ReloadState;
  /** Live Instances that depend on this one and are ending too: they go first. */
  dependants: readonly string[];
  /** While stopping: milliseconds until whatever is left is killed. */
  stopWithinMs?: number;
  /** Pid of another process under this name, whose Instance is no longer stored, and which is being ended. */
  orphan?: number;
  /** Set while it is too early to know whether they are ending too: look again after this long. */
  stabilizationMs?: number;
  defaultStopSignal: StopSignal;
  /** Monotonic ms. */
  now: number;
}

export type Step =
  | { do: "start"; run: number }
  | { do: "probe" }
  /** Changed files are written while it runs, and it is told. */
  | { do: "reload" }
  | { do: "stop"; stages: readonly StopStage[]; graceMs: number; why: Interruption; message: string }
  /** The stop that is under way has no more than this long any more. */
  | { do: "shorten-grace"; graceMs: number }
  /** The main process has ended, the rest of its tree has not. */
  | { do: "end-leftovers" }
  /** The run has lasted long enough, or is stopped: the count of crashes before it goes back to 0. */
  | { do: "reset-failures" }
  /** Nothing is left: remove records and output, then the finalizer. */
  | { do: "release" };

export interface Plan {
  steps: readonly Step[];
  /** The rule that fired, for `wctl why`. */
  rule: string;
  message: string;
  /** Look again after this long, at the latest. */
  againMs?: number;
}

/** When the daemon stops, all Instances are ended. */
export const isEnding = (instance: Stored<Instance>, mode: Mode): boolean =>
  instance.metadata.deletionTimestamp !== undefined || mode === "stopping";

/** Its program shall not run, for now or ever. */
export const isUnwanted = (instance: Stored<Instance>, mode: Mode): boolean =>
  isEnding(instance, mode) || instance.spec.suspend === true;
