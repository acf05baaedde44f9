import { findCondition } from "../../../api/conditions.ts";
import type { InstanceState, InstanceStatus } from "../../../api/types.generated.ts";
import type { Replica } from "../replicas/replica.ts";
import { hasFailed } from "../rollout/settling.ts";

const TOLD = 3;

/**
 * Why replicas are not ready, so that a person can act on it: `web-1 waits until 2026-05-01T10:00:08Z before restart 5 (exit code 3)`. It is made of
 * the Instances' status alone, so the same state gives the same words. Undefined when there is nothing to tell.
 */
export function describeFailures(replicas: readonly Replica[]): string | undefined {
  const failing = replicas.filter(
    (replica) => (!replica.ready && replica.ended !== "Succeeded") || hasJustFailed(replica),
  );
  if (failing.length === 0) return undefined;
  const told = failing.slice(0, TOLD).map((replica) => `${replica.name} ${describe(replica)}`);
  const more = failing.length - told.length;
  return more > 0 ? `${told.join("; ")}; and ${more} more` : told.join("; ");
}

/** It runs again, and nobody knows yet for how long. */
const hasJustFailed = ({ ready, available, instance }: Replica): boolean => ready && !available && hasFailed(instance);

function describe(replica: Replica): string {
  const { instance, deleting } = replica;
  const { status } = instance;
  if (hasJustFailed(replica)) return `runs again since ${ending(status?.lastState)}`;
  if (status?.phase === "Stopped") return "is stopped";
  if (deleting || status?.phase === "Stopping") return "is stopping";
  if (status?.phase === "Failed") return `failed (${ending(status.state ?? status.lastState)})`;
  if (status?.phase === "Backoff") return describeBackoff(status);
  const waiting = status?.state?.waiting;
  if (status?.phase === "Pending" && waiting && waiting.reason !== "NotStarted") {
    return `cannot start: ${waiting.message ?? waiting.reason}`;
  }
  const because = whyUnready(status);
  if (status?.phase === "Running") return `is running but not ready${because}`;
  return `is starting${because}`;
}

function describeBackoff(status: InstanceStatus): string {
  const { waiting } = status.state ?? {};
  const why =
    waiting && waiting.reason !== "CrashLoopBackOff" ? (waiting.message ?? waiting.reason) : ending(status.lastState);
  const until = waiting?.retryAt ? ` until ${waiting.retryAt}` : "";
  const next = neverStarted(status) ? "the next try" : `restart ${(status.restartCount ?? 0) + 1}`;
  return `waits${until} before ${next} (${why})`;
}

/** Its own reason, when a start failed: it waits for no restart, because it did not run. */
export function neverStarted(status: InstanceStatus | undefined): string | undefined {
  if (status?.phase !== "Backoff" && status?.phase !== "Pending") return undefined;
  const reason = status.state?.waiting?.reason;
  return reason === "CrashLoopBackOff" || reason === "NotStarted" ? undefined : reason;
}

/** What its probe said, once a program runs. */
function whyUnready(status: InstanceStatus | undefined): string {
  const ready = findCondition(status?.conditions, "Ready");
  return status?.state?.running && ready?.status === "False" && ready.message ? `: ${ready.message}` : "";
}

function ending(state: InstanceState | undefined): string {
  const { reason, message } = state?.terminated ?? {};
  const how = exitOf(state);
  if (reason === "LivenessFailed" || reason === "StartupFailed") return `${message ?? reason}; ${how}`;
  return how;
}

function exitOf(state: InstanceState | undefined): string {
  const { exitCode, exitCodeHex, signal, reason } = state?.terminated ?? {};
  if (reason === "OOMKilled") return "OOMKilled: it reached its memory limit";
  if (signal) return signal;
  if (exitCodeHex) return `exit code ${exitCodeHex} ${reason}`;
  if (exitCode !== undefined) return `exit code ${exitCode}`;
  return reason ?? "exit code unknown";
}
