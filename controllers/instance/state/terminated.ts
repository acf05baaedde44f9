import type { InstanceState } from "../../../api/types.generated.ts";
import { decodeExit } from "../../../runtime/exit-codes.ts";
import type { ProcessState } from "../../../runtime/runtime.ts";

/** Why we ended a run ourselves. */
export type Interruption = "DaemonStopped" | "Deleted" | "Suspended" | "LivenessFailed" | "StartupFailed";

/** A run that had to be ended because of a probe has failed, whatever its exit code. */
export const failedProbe = (interruption: Interruption | undefined): boolean =>
  interruption === "LivenessFailed" || interruption === "StartupFailed";

type Terminated = NonNullable<InstanceState["terminated"]>;

const explained: Record<Interruption, string> = {
  DaemonStopped: "stopped together with the daemon",
  Deleted: "stopped because it was deleted",
  Suspended: "stopped because spec.suspend is true",
  LivenessFailed: "stopped because its liveness probe failed",
  StartupFailed: "stopped because its startup probe failed",
};

/** What a program cannot say itself: its output lies on the same disk. */
const NO_ROOM = "the disk of its home was full";

/**
 * How a run has ended, as its status shows it. `probeFailure`: the probe's own words, when one was the reason to end it. `isDiskFull` is asked of a run
 * that failed.
 */
export function terminatedState(
  process: ProcessState,
  succeeded: boolean,
  interruption: Interruption | undefined,
  { probeFailure, isDiskFull }: { probeFailure?: string | undefined; isDiskFull?: () => boolean } = {},
): Terminated {
  const exit = process.exit ?? { unknown: true, finishedAt: process.startedAt };
  const { reason, exitCodeHex, hint } = decodeExit(exit);
  const terminated: Terminated = {
    reason: interruption ?? (succeeded ? "Completed" : reason),
    startedAt: process.startedAt,
    finishedAt: exit.finishedAt,
  };
  if (exit.code !== undefined) terminated.exitCode = exit.code;
  if (exitCodeHex) terminated.exitCodeHex = exitCodeHex;
  if (exit.signal) terminated.signal = exit.signal;
  if (interruption) terminated.message = probeFailure ? `stopped because its ${probeFailure}` : explained[interruption];
  else if (exit.unknown) terminated.message = "it ended while no daemon was watching, and the system kept no exit code";
  else {
    const noRoom = !succeeded && isDiskFull?.() ? NO_ROOM : undefined;
    const said = [hint, noRoom].filter((one) => one !== undefined).join("; ");
    if (said !== "") terminated.message = said;
  }
  return terminated;
}

/** `exit code 3`, `SIGKILL`, `exit code 0xC0000005 (AccessViolation)`, `OOMKilled: it reached its memory limit`. */
export function exitWords(terminated: Terminated | undefined): string {
  if (!terminated) return "no exit was seen";
  const how = howItEnded(terminated);
  const { reason, message } = terminated;
  return reason === "LivenessFailed" || reason === "StartupFailed" ? `${message ?? reason}; ${how}` : how;
}

function howItEnded(terminated: Terminated): string {
  if (terminated.reason === "OOMKilled") return "OOMKilled: it reached its memory limit";
  if (terminated.signal) return terminated.signal;
  if (terminated.exitCode === undefined) return "exit code unknown";
  return terminated.exitCodeHex
    ? `exit code ${terminated.exitCodeHex} (${terminated.reason})`
    : `exit code ${terminated.exitCode}`;
}
