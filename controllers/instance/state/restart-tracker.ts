import { backoffMs } from "../../../lib/backoff.ts";
import type { ExitStatus } from "../../../runtime/runtime.ts";
import { failedProbe, type Interruption } from "./terminated.ts";

/**
 * What follows an exit: a verdict, a delay and a reason. Pure. Only `failures` must survive a restart of the daemon; the agent keeps it in
 * `status.backoff` (P7).
 *
 * The first restart after a healthy run is immediate; then initialSeconds * factor^n up to maxSeconds. A run of at least
 * resetAfterSeconds is healthy, and the failures before it are forgotten. It never gives up: it goes on trying every maxSeconds.
 */
export interface RestartPolicy {
  restartPolicy: "Always" | "OnFailure" | "Never";
  successExitCodes: readonly number[];
  backoff: { initialSeconds: number; factor: number; maxSeconds: number; resetAfterSeconds: number };
}

export type Verdict =
  | { kind: "restart"; delayMs: number; failures: number; rule: "RestartNow" | "BackOff" }
  | { kind: "finished"; succeeded: boolean; rule: "Completed" | "NeverRestart" | "UnknownExit" };

export const isSuccess = (exit: ExitStatus, successExitCodes: readonly number[]): boolean =>
  exit.code !== undefined && successExitCodes.includes(exit.code);

/** `failures`: restarts since the last healthy run. `ranMs`: how long this run lasted, if that is known. `interruption`: why we ended it, if we did. */
export function afterExit(
  policy: RestartPolicy,
  exit: ExitStatus,
  ranMs: number | undefined,
  failures: number,
  interruption?: Interruption,
): Verdict {
  const failed = failedProbe(interruption);
  const unknown = exit.unknown === true && !failed;
  const succeeded = !failed && isSuccess(exit, policy.successExitCodes);
  // Somebody has stopped it, and will start it: that is no verdict on the program, whatever its policy.
  if (interruption === "Suspended") return { kind: "restart", delayMs: 0, failures: 0, rule: "RestartNow" };
  if (policy.restartPolicy === "Never") {
    return { kind: "finished", succeeded, rule: unknown ? "UnknownExit" : succeeded ? "Completed" : "NeverRestart" };
  }
  // We ended it ourselves (daemon stop): not a failure of the program, and not the end of a one-shot either.
  if (interruption === "DaemonStopped") return { kind: "restart", delayMs: 0, failures, rule: "RestartNow" };
  if (policy.restartPolicy === "OnFailure") {
    if (succeeded) return { kind: "finished", succeeded, rule: "Completed" };
    // It may have finished its work while nobody watched: a one-shot is not run twice (P6).
    if (unknown) return { kind: "finished", succeeded: false, rule: "UnknownExit" };
  }
  const healthy = ranMs !== undefined && ranMs >= policy.backoff.resetAfterSeconds * 1000;
  return restartAfter(policy, healthy ? 0 : failures);
}

/** A failed start is never tried again at once: nothing has changed since. */
export const afterFailedStart = (policy: RestartPolicy, failures: number): Verdict =>
  restartAfter(policy, Math.max(failures, 1));

function restartAfter(policy: RestartPolicy, failures: number): Verdict {
  const { initialSeconds, factor, maxSeconds } = policy.backoff;
  const growth = { initialMs: initialSeconds * 1000, factor, maxMs: maxSeconds * 1000 };
  const delayMs = failures === 0 ? 0 : backoffMs(failures - 1, growth);
  return { kind: "restart", delayMs, failures: failures + 1, rule: delayMs === 0 ? "RestartNow" : "BackOff" };
}
