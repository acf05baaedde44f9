import type { ProcessState, StopSignal } from "../../runtime/runtime.ts";
import { isAlive } from "./is-alive.ts";
import { expandOwn } from "./launch/own-variables.ts";
import type { Plan, Situation, Step } from "./situation.ts";
import { exitWords, type Interruption } from "./state/terminated.ts";
import { policyOf, type WorkerState } from "./state/worker-state.ts";
import { type StopState, stagesOf } from "./stop/stop-request.ts";

/** Two looks at the clock may differ by a fraction of this. */
const CLOCK_MS = 1;

/** A missing Secret wakes the agent when it is created; this is for an event that was lost. */
const CONFIG_RETRY_MS = 10_000;

/** Pure. The rules are in order of precedence: the first that applies decides. */
export function plan(situation: Situation): Plan {
  const { instance, mode, process, stop } = situation;
  const deleting = instance.metadata.deletionTimestamp !== undefined;
  if (stop?.phase === "failed") return wait("StopFailed", stop.message);
  if (stop?.phase === "stopping") return stopping(situation, stop);
  if (mode === "paused" && !deleting) return wait("Paused", "reconciliation is paused; the program is left alone");
  const ending = endingOf(situation);
  if (ending && isAlive(process)) return stopIt(situation, ending);
  if (deleting || mode === "stopping") return gone(deleting);
  if (process?.phase === "running") return running(situation, process);
  if (process?.treeAlive)
    return act("EndLeftovers", "the main process has ended; ending what is left of its tree", { do: "end-leftovers" });
  return notRunning(situation);
}

type Ending = keyof typeof endings;
const endings = {
  Deleted: "it was deleted",
  DaemonStopped: "the daemon is stopping",
  Suspended: "spec.suspend is true",
} as const satisfies Partial<Record<Interruption, string>>;

/** Why what runs is to be ended; undefined when it may run. */
function endingOf({ instance, mode, process }: Situation): Ending | undefined {
  if (instance.metadata.deletionTimestamp !== undefined) return "Deleted";
  if (mode === "stopping") return "DaemonStopped";
  return instance.spec.suspend && process?.phase === "running" ? "Suspended" : undefined;
}

const wait = (rule: string, message: string, againMs: number | undefined = undefined): Plan =>
  againMs === undefined ? { steps: [], rule, message } : { steps: [], rule, message, againMs };
const act = (rule: string, message: string, ...steps: Step[]): Plan => ({ steps, rule, message });

function gone(deleting: boolean): Plan {
  return deleting
    ? act("Released", "nothing of it is left", { do: "release" })
    : wait("DaemonStopping", "the daemon is stopping; it will be started by the next one");
}

/** The grace period of its deletion, or of its template. While the daemon stops: the shortest of these and of what is left of the daemon's time. */
function graceMsOf({ instance, mode, stopWithinMs = Number.POSITIVE_INFINITY }: Situation): number {
  const declared = (instance.spec.stop?.gracePeriodSeconds ?? 30) * 1000;
  const { deletionTimestamp, deletionGracePeriodSeconds } = instance.metadata;
  const given =
    deletionTimestamp && deletionGracePeriodSeconds !== undefined ? deletionGracePeriodSeconds * 1000 : declared;
  return mode === "stopping" ? Math.min(given, declared, stopWithinMs) : given;
}

/** A grace period that has begun can only get shorter. */
function stopping(situation: Situation, stop: StopState & { phase: "stopping" }): Plan {
  const graceMs = graceMsOf(situation);
  const isShorter = situation.now + graceMs + CLOCK_MS < stop.deadline;
  const message = `waiting for it to end (${stop.stage})`;
  return isShorter ? act("Stopping", message, { do: "shorten-grace", graceMs }) : wait("Stopping", message);
}

function stopIt(situation: Situation, ending: Ending): Plan {
  const atOnce = graceMsOf(situation) <= 0;
  if (situation.dependants.length > 0 && !atOnce) {
    return wait(
      "WaitingForDependants",
      `stops after what depends on it: ${situation.dependants.join(", ")}`,
      situation.stabilizationMs,
    );
  }
  const message = endings[ending];
  return act("Stop", `stopping: ${message}`, stopStep(situation, ending, message));
}

function stopStep(situation: Situation, why: Interruption, message: string): Step {
  const { stop } = situation.instance.spec;
  const signal = (stop?.signal as StopSignal | undefined) ?? situation.defaultStopSignal;
  const command = stop?.preStop && expandOwn(stop.preStop.exec.command, situation.instance);
  const stages = stagesOf(command ? { signal, preStop: { exec: { command } } } : { signal });
  return { do: "stop", stages, graceMs: graceMsOf(situation), why, message };
}

function running(situation: Situation, process: ProcessState): Plan {
  const { instance, worker, probes, now } = situation;
  if (probes?.run === process.run && probes.restart) {
    const { kind, message } = probes.restart;
    return endFor(
      situation,
      kind === "startup" ? "StartupFailed" : "LivenessFailed",
      `${kind} probe failed: ${message}`,
    );
  }
  // An earlier daemon had begun to end it.
  if (worker.interruption === "LivenessFailed")
    return endFor(situation, worker.interruption, "its liveness probe had failed");
  if (worker.interruption === "Suspended") return endFor(situation, worker.interruption, "it was being stopped");
  if (worker.interruption === "StartupFailed")
    return endFor(situation, worker.interruption, "its startup probe had failed");
  const steps: Step[] = probes?.run === process.run ? [] : [{ do: "probe" }];
  const healthyAfter = policyOf(instance).backoff.resetAfterSeconds * 1000;
  const ran = now - (worker.startedMono ?? now);
  if (worker.failures > 0 && ran >= healthyAfter) steps.push({ do: "reset-failures" });
  const { dueInMs } = situation.reload;
  if (dueInMs === 0) steps.push({ do: "reload" });
  const unasked = probes?.errored
    ? `; its ${probes.errored.kind} probe cannot be asked: ${probes.errored.message}`
    : "";
  const rule: Pick<Plan, "rule" | "message"> = {
    rule: "KeepRunning",
    message: `wanted and running as pid ${process.pid}${process.adopted ? " (adopted)" : ""}${unasked}`,
  };
  const waits = [
    ...(worker.failures > 0 && ran < healthyAfter ? [healthyAfter - ran] : []),
    ...(dueInMs === undefined || dueInMs === 0 ? [] : [dueInMs]),
  ];
  return waits.length > 0 ? { steps, ...rule, againMs: Math.min(...waits) } : { steps, ...rule };
}

const endFor = (situation: Situation, why: Interruption, message: string): Plan =>
  act(why, `restarting: ${message}`, stopStep(situation, why, message));

function notRunning(situation: Situation): Plan {
  const { worker, now } = situation;
  const { verdict } = worker;
  if (isKeptStopped(situation)) return stopped(situation);
  if (worker.configError !== undefined) return wait("CreateConfigError", worker.configError, CONFIG_RETRY_MS);
  if (verdict?.kind === "finished") {
    const how = exitWords(worker.lastTerminated);
    return wait(
      verdict.rule,
      verdict.succeeded ? `finished (${how}); it is not run again` : `ended (${how}); its restart policy leaves it so`,
    );
  }
  if (worker.retryAt !== undefined && now < worker.retryAt) {
    // The whole wait, and not what is left of it: else the sentence changes with every reconcile.
    const seconds = Math.ceil((verdict?.delayMs ?? 0) / 1000);
    return wait(
      "BackOff",
      `waiting ${seconds}s before ${nextStart(worker)} (${lastFailure(worker)})`,
      worker.retryAt - now,
    );
  }
  if (situation.orphan !== undefined) {
    const message = `waiting until pid ${situation.orphan} has ended, which an Instance of this name left behind that is no longer stored`;
    return wait("WaitingForOrphan", message);
  }
  const start: Step = { do: "start", run: worker.run + 1 };
  if (worker.lastTerminated?.reason === "Suspended") return act("Start", "wanted again after it was stopped", start);
  const rule = worker.run === 0 ? "Start" : "RestartNow";
  return act(rule, worker.run === 0 ? "wanted and not running" : `restarting (${lastFailure(worker)})`, start);
}

/** What has finished is not run again anyway: it goes on to show how it ended. */
export const isKeptStopped = ({ instance, worker }: Situation): boolean =>
  instance.spec.suspend === true && worker.verdict?.kind !== "finished";

/** Whoever starts it again wants it at once: no wait and no crash of before is kept. */
function stopped({ instance, worker }: Situation): Plan {
  const owner = instance.spec.processName;
  const message = `it is stopped (spec.suspend is true)${owner ? `; "wctl start process/${owner}" starts it` : ""}`;
  const isClean = worker.failures === 0 && worker.retryAt === undefined && worker.startFailure === undefined;
  return isClean ? wait("Suspended", message) : act("Suspended", message, { do: "reset-failures" });
}

/** What never ran is tried again; only a program that ran is restarted. */
const nextStart = ({ startFailure, restarts }: WorkerState): string =>
  startFailure ? "the next try" : `restart ${restarts + 1}`;

export const lastFailure = (worker: WorkerState): string =>
  worker.startFailure?.message ?? exitWords(worker.lastTerminated);
