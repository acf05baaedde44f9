import { keyOf, type Stored } from "../../../api/object.ts";
import type { Instance, InstanceState } from "../../../api/types.generated.ts";
import type { ProcessState } from "../../../runtime/runtime.ts";
import type { StopReport } from "../stop/stop-request.ts";
import { afterExit, afterFailedStart, isSuccess, type RestartPolicy, type Verdict } from "./restart-tracker.ts";
import { type Interruption, terminatedState } from "./terminated.ts";

/**
 * What the agent knows of one Instance beyond what the runtime shows. After a restart of the daemon `restore` rebuilds it from the status. Each
 * function returns a new value.
 */
export interface WorkerState {
  /** Number of the last run that was started, or tried; 0 before the first. */
  run: number;
  /** How often the program was started again after a run that ended of itself or because of a probe: RESTARTS (docs/decisions/0041). */
  restarts: number;
  /** Restarts since the last healthy run. */
  failures: number;
  /** The last run whose end was judged: each is judged once. */
  judgedRun: number;
  verdict?: Verdict;
  /** Monotonic ms at which the current run began: its length is never measured on the wall clock (P8). */
  startedMono?: number;
  /** Monotonic ms: when the next start is due. */
  retryAt?: number;
  /** Why the last start failed. */
  startFailure?: { reason: string; message: string };
  /** Why the references cannot be resolved yet. */
  configError?: string;
  /** Why we are ending the current run, if we are. */
  interruption?: Interruption;
  /** The run whose main process ended before the rest of its tree, as was told. */
  leftoversOf?: number;
  /** What the probe said because of which we are ending it. */
  probeFailure?: string;
  lastStop?: StopReport;
  /** How the last finished run ended. */
  lastTerminated?: InstanceState["terminated"];
}

/** Why the next start waits when the program itself has failed; every other reason tells of a start that failed. */
export const CRASH_LOOP = "CrashLoopBackOff";

export const policyOf = (instance: Instance): RestartPolicy => {
  const { restartPolicy = "Always", successExitCodes = [0], backoff } = instance.spec;
  return {
    restartPolicy,
    successExitCodes,
    backoff: {
      initialSeconds: backoff?.initialSeconds ?? 1,
      factor: backoff?.factor ?? 2,
      maxSeconds: backoff?.maxSeconds ?? 300,
      resetAfterSeconds: backoff?.resetAfterSeconds ?? 600,
    },
  };
};

/** `now` is monotonic, `wall` the wall clock. If a wait had begun before the daemon restarted, what is left of it goes on (P7). */
export function restore(
  instance: Stored<Instance>,
  process: ProcessState | undefined,
  now: number,
  wall: Date,
): WorkerState {
  const status = instance.status ?? {};
  const run = Math.max(status.run ?? 0, process?.run ?? 0);
  const terminated = status.state?.terminated ?? status.lastState?.terminated;
  // The daemon that started this run was killed before it could write that it did.
  const untold = process !== undefined && process.run > (status.run ?? 0) && isRestartAfter(terminated);
  const restarts = (status.restartCount ?? 0) + (untold ? 1 : 0);
  const worker: WorkerState = { run, restarts, failures: status.backoff?.failures ?? 0, judgedRun: 0 };
  if (process?.phase === "running")
    worker.startedMono = now - Math.max(0, wall.getTime() - Date.parse(process.startedAt));
  if (terminated) worker.lastTerminated = terminated;
  if (status.run !== run) return worker;
  // What follows depends on why an earlier daemon ended this run. If it was stopping itself and the run still lives, the run goes on.
  const { interruption } = status;
  const lost = lostRun(instance, process, wall);
  if (lost) return judge(interruption ? { ...worker, interruption } : worker, instance, lost, now);
  if (interruption && !(interruption === "DaemonStopped" && process?.phase === "running")) {
    return { ...worker, interruption };
  }
  const waiting = status.state?.waiting;
  if (status.phase === "Succeeded" || status.phase === "Failed") {
    const succeeded = status.phase === "Succeeded";
    return {
      ...worker,
      judgedRun: run,
      verdict: { kind: "finished", succeeded, rule: succeeded ? "Completed" : "NeverRestart" },
    };
  }
  if (waiting?.retryAt !== undefined) {
    const longest = policyOf(instance).backoff.maxSeconds * 1000;
    const left = Math.min(Math.max(Date.parse(waiting.retryAt) - wall.getTime(), 0), longest);
    const { reason, message = "" } = waiting;
    return {
      ...worker,
      judgedRun: run,
      ...(reason !== undefined && reason !== CRASH_LOOP && { startFailure: { reason, message } }),
      retryAt: now + left,
      verdict: { kind: "restart", delayMs: left, failures: worker.failures, rule: "BackOff" },
    };
  }
  // The daemon that stopped it has judged and told this end; the next run may begin.
  if (status.phase === "Stopped" || status.state?.terminated?.reason === "DaemonStopped")
    return { ...worker, judgedRun: run };
  return worker;
}

/**
 * The status names a run that the runtime does not know: a power cut has ended the process and lost its record. A status is on the disk before
 * anybody can read it, so this run did exist, and a one-shot is not run again (P6).
 */
function lostRun(instance: Stored<Instance>, process: ProcessState | undefined, wall: Date): ProcessState | undefined {
  const { run = 0, pid = 0, processCreationTime: creationTime = "", state } = instance.status ?? {};
  if (!state?.running || (process?.run ?? 0) >= run) return undefined;
  const startedAt = state.running.startedAt ?? wall.toISOString();
  const exit = { unknown: true, finishedAt: wall.toISOString() } as const;
  const ended = { phase: "exited", exit, treeAlive: false, adopted: true, limits: {}, unenforced: [] } as const;
  return { uid: instance.metadata.uid, label: keyOf(instance), run, pid, creationTime, startedAt, ...ended };
}

/** Judges the end of `process`, once. `isDiskFull`: of the homes, when it has failed just now. */
export function judge(
  worker: WorkerState,
  instance: Instance,
  process: ProcessState,
  now: number,
  isDiskFull?: () => boolean,
): WorkerState {
  if (process.phase !== "exited" || !process.exit || worker.judgedRun >= process.run) return worker;
  const policy = policyOf(instance);
  const ranMs = process.exit.unknown ? undefined : runLength(worker, process, now);
  const verdict = afterExit(policy, process.exit, ranMs, worker.failures, worker.interruption);
  const judged: WorkerState = {
    ...worker,
    run: process.run,
    judgedRun: process.run,
    verdict,
    lastTerminated: terminatedState(process, isSuccess(process.exit, policy.successExitCodes), worker.interruption, {
      probeFailure: worker.probeFailure,
      ...(isDiskFull && { isDiskFull }),
    }),
  };
  delete judged.probeFailure;
  delete judged.interruption;
  delete judged.retryAt;
  delete judged.startedMono;
  return verdict.kind === "restart"
    ? { ...judged, failures: verdict.failures, retryAt: now + verdict.delayMs }
    : judged;
}

/** A failed start counts as a failed run. */
export function startFailed(
  worker: WorkerState,
  instance: Instance,
  failure: { reason: string; message: string },
  now: number,
): WorkerState {
  const run = worker.run + 1;
  const verdict = afterFailedStart(policyOf(instance), worker.failures);
  const next: WorkerState = { ...worker, run, judgedRun: run, verdict, startFailure: failure };
  return verdict.kind === "restart" ? { ...next, failures: verdict.failures, retryAt: now + verdict.delayMs } : next;
}

/** The run has lasted long enough, or somebody has stopped it: earlier crashes are forgotten, and no wait is left. */
export function resetFailures({ retryAt: _, startFailure: _failure, ...worker }: WorkerState): WorkerState {
  return { ...worker, failures: 0 };
}

/** When an earlier daemon saw the exit, only the timestamps are known. */
const runLength = (worker: WorkerState, process: ProcessState, now: number): number =>
  worker.startedMono !== undefined
    ? now - worker.startedMono
    : Date.parse(process.exit?.finishedAt ?? process.startedAt) - Date.parse(process.startedAt);

export function started(worker: WorkerState, run: number, now: number): WorkerState {
  const restarts = worker.restarts + (isRestartAfter(worker.lastTerminated) ? 1 : 0);
  const next: WorkerState = { ...worker, run, restarts, startedMono: now };
  delete next.verdict;
  delete next.retryAt;
  delete next.startFailure;
  delete next.configError;
  delete next.interruption;
  return next;
}

/** A start after a stop that was asked for is none, and the first start, or one that no run came before, is none either. */
const isRestartAfter = (ended: InstanceState["terminated"]): boolean =>
  ended !== undefined && ended.reason !== "DaemonStopped" && ended.reason !== "Suspended";
