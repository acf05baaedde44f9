import { type NewCondition, setCondition, timestamp } from "../../api/conditions.ts";
import { portsOf } from "../../api/instance-ports.ts";
import type { Condition, InstanceState, InstanceStatus } from "../../api/types.generated.ts";
import type { ProcessState, Unenforced } from "../../runtime/runtime.ts";
import { isKeptStopped, lastFailure } from "./plan.ts";
import type { Plan, Situation } from "./situation.ts";
import { CRASH_LOOP } from "./state/worker-state.ts";

/**
 * The status of an Instance after its plan was carried out. Pure: the same situation gives the same status, and a time changes only when what it
 * describes has changed.
 */
export function statusOf(situation: Situation, plan: Plan, wall: Date): InstanceStatus {
  const { instance, worker, process } = situation;
  const before = instance.status ?? {};
  const running = process?.phase === "running";
  const facts = { ...phaseAndState(situation), ...readiness(situation) };
  const status: InstanceStatus = {
    observedGeneration: instance.metadata.generation ?? 1,
    phase: facts.phase,
    ready: facts.ready,
    started: facts.started,
    run: worker.run,
    restartCount: worker.restarts,
    backoff: { failures: worker.failures },
    state: facts.state,
    conditions: conditions(situation, plan, facts.ready, wall),
    decision: decision(before, plan, wall),
  };
  if (running)
    Object.assign(status, { pid: process.pid, processCreationTime: process.creationTime, ...terms(process) });
  const ports = portsOf(instance.spec);
  if (ports.length > 0) status.ports = ports;
  if (facts.ready) status.readySince = before.ready && before.readySince ? before.readySince : timestamp(wall);
  if (worker.lastTerminated && !facts.state.terminated) status.lastState = { terminated: worker.lastTerminated };
  if (worker.lastStop) status.stop = worker.lastStop;
  if (worker.interruption) status.interruption = worker.interruption;
  if (facts.state.waiting && worker.retryAt !== undefined) {
    facts.state.waiting.retryAt = retryAt(before, worker.run, worker.retryAt - situation.now, wall);
    status.backoff = { failures: worker.failures, retryAt: facts.state.waiting.retryAt };
  }
  return status;
}

/** What the running program was started with. */
const terms = ({ account, limits }: ProcessState): Pick<InstanceStatus, "account" | "limits"> => ({
  ...(account !== undefined && { account }),
  ...(Object.keys(limits).length > 0 && { limits: { ...limits } }),
});

interface PhaseAndState {
  phase: NonNullable<InstanceStatus["phase"]>;
  state: InstanceState;
}

function phaseAndState(situation: Situation): PhaseAndState {
  const { instance, worker, process, stop } = situation;
  const ending =
    stop?.phase === "stopping" || (instance.metadata.deletionTimestamp !== undefined && process?.treeAlive === true);
  if (process?.phase === "running") {
    const { started, ready } = readiness(situation);
    const phase = ending ? "Stopping" : !started ? "Starting" : ready ? "Ready" : "Running";
    return { phase, state: { running: { startedAt: process.startedAt } } };
  }
  if (ending) return { phase: "Stopping", state: terminatedOr(worker.lastTerminated, "Stopping") };
  if (isKeptStopped(situation)) {
    const { lastTerminated } = worker;
    return lastTerminated
      ? { phase: "Stopped", state: { terminated: lastTerminated } }
      : waiting("Stopped", "Suspended", "spec.suspend is true");
  }
  if (worker.configError) return waiting("Pending", "CreateConfigError", worker.configError);
  const { verdict } = worker;
  if (verdict?.kind === "finished") {
    return { phase: verdict.succeeded ? "Succeeded" : "Failed", state: terminatedOr(worker.lastTerminated, "Unknown") };
  }
  if (situation.mode === "stopping" && worker.lastTerminated)
    return { phase: "Pending", state: { terminated: worker.lastTerminated } };
  if (worker.startFailure) return waiting("Backoff", worker.startFailure.reason, worker.startFailure.message);
  if (verdict) return waiting("Backoff", CRASH_LOOP, `the last run ended: ${lastFailure(worker)}`);
  return waiting("Pending", "NotStarted", "not started yet");
}

const terminatedOr = (terminated: InstanceState["terminated"], reason: string): InstanceState => ({
  terminated: terminated ?? { reason },
});
const waiting = (phase: PhaseAndState["phase"], reason: string, message: string): PhaseAndState => ({
  phase,
  state: { waiting: { reason, message } },
});

function readiness({ process, probes, stop, instance }: Situation): { started: boolean; ready: boolean } {
  if (process?.phase !== "running" || probes?.run !== process.run) return { started: false, ready: false };
  const ending = stop?.phase === "stopping" || instance.metadata.deletionTimestamp !== undefined;
  return { started: probes.started, ready: probes.ready && probes.started && !ending };
}

/** The monotonic clock measures the wait; the wall time of its end is written once, and not computed anew at each reconcile. */
function retryAt(before: InstanceStatus, run: number, leftMs: number, wall: Date): string {
  const written = before.run === run ? before.state?.waiting?.retryAt : undefined;
  return written ?? new Date(wall.getTime() + Math.max(0, leftMs)).toISOString();
}

function decision(before: InstanceStatus, plan: Plan, wall: Date): NonNullable<InstanceStatus["decision"]> {
  const same = before.decision?.rule === plan.rule && before.decision.message === plan.message;
  if (same && before.decision) return before.decision;
  const now = { rule: plan.rule, message: plan.message, time: timestamp(wall) };
  // While it runs nothing is tried again: it is looked at later only to forget earlier crashes.
  return plan.againMs === undefined || plan.rule === "KeepRunning"
    ? now
    : { ...now, nextTry: new Date(wall.getTime() + plan.againMs).toISOString() };
}

function conditions(situation: Situation, plan: Plan, ready: boolean, wall: Date): Condition[] {
  const { instance, process } = situation;
  const observedGeneration = instance.metadata.generation ?? 1;
  const all = setCondition(
    instance.status?.conditions ?? [],
    { type: "Ready", status: ready ? "True" : "False", ...readyReason(situation, plan, ready), observedGeneration },
    wall,
  );
  if (process?.phase !== "running") return all;
  const more: NewCondition[] = [
    { type: "Enforced", ...enforced(process.unenforced), observedGeneration },
    ...contentCurrent(situation, process).map((said) => ({ type: "ContentCurrent", ...said, observedGeneration })),
  ];
  return more.reduce((before, one) => setCondition(before, one, wall), all);
}

function readyReason(situation: Situation, plan: Plan, ready: boolean): { reason: string; message: string } {
  if (ready) return { reason: "Ready", message: "running and ready" };
  if (situation.process?.phase !== "running") return { reason: plan.rule, message: plan.message };
  if (plan.rule !== "KeepRunning" && plan.rule !== "Start" && plan.rule !== "RestartNow")
    return { reason: plan.rule, message: plan.message };
  return unready(situation);
}

/** The probe's own words, once it has been asked. */
function unready(situation: Situation): { reason: string; message: string } {
  const [kind, reason] = readiness(situation).started ? ["readiness", "NotReady"] : ["startup", "Starting"];
  const { failing, errored } = situation.probes ?? {};
  if (errored?.kind === kind) return { reason, message: `its ${kind} probe cannot be asked: ${errored.message}` };
  if (failing?.kind === kind) return { reason, message: `its ${kind} probe fails: ${failing.message}` };
  return { reason, message: `its ${kind} probe has not succeeded yet` };
}

/** Whether a program that is told of new content has it. What an earlier daemon said of this run stays. */
function contentCurrent(
  { instance, reload: { last } }: Situation,
  { run, adopted }: ProcessState,
): Pick<NewCondition, "status" | "reason" | "message">[] {
  if (!instance.spec.configChange || !instance.spec.files?.length) return [];
  if (last?.run === run) {
    const [status, reason] = last.isApplied ? (["True", "Reloaded"] as const) : (["False", "ReloadFailed"] as const);
    return [{ status, reason, message: last.message }];
  }
  return adopted ? [] : [{ status: "True", reason: "Started", message: "it was started with it" }];
}

function enforced(unenforced: readonly Unenforced[]): { status: "True" | "False"; reason: string; message: string } {
  if (unenforced.length === 0)
    return { status: "True", reason: "AllEnforced", message: "everything the manifest asks for is enforced" };
  const list = unenforced.map(({ field, reason }) => `${field}: ${reason}`).join("; ");
  return { status: "False", reason: "NotEnforcedHere", message: `not enforced on this machine: ${list}` };
}
