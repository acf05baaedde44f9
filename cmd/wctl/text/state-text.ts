import type { Decision, InstanceState } from "../../../api/types.generated.ts";
import { humanDuration } from "../../../lib/duration.ts";
import { age } from "./age.ts";
import { plainLine } from "./plain.ts";

/** One line about a run: waiting why and until when, running since when, or ended how. */
export function stateText(state: InstanceState | undefined, now: Date): string | undefined {
  if (state?.running) return `Running for ${age(state.running.startedAt, now)}, since ${state.running.startedAt}`;
  if (state?.waiting) {
    const { reason, message, retryAt } = state.waiting;
    return `Waiting: ${reason}${message ? `: ${plainLine(message)}` : ""}${isAhead(retryAt, now) ? ` (next try ${fromNow(retryAt, now)})` : ""}`;
  }
  if (!state?.terminated) return undefined;
  const { exitCode, exitCodeHex, reason, message, signal, startedAt, finishedAt } = state.terminated;
  const exit = signal
    ? `signal ${signal}`
    : `exit code ${exitCode ?? "unknown"}${exitCodeHex ? ` (${exitCodeHex})` : ""}`;
  // The reason of a run that a signal ended is often just the name of that signal.
  const how = signal === reason ? exit : `${reason}, ${exit}`;
  const ran = startedAt && finishedAt ? ` after ${runTime(Date.parse(finishedAt) - Date.parse(startedAt))}` : "";
  const when = finishedAt ? `, ${age(finishedAt, now)} ago` : "";
  return `Ended: ${how}${ran}${when}${message ? `: ${plainLine(message)}` : ""}`;
}

/** Runs that end at once are the ones people ask about. */
const runTime = (ms: number): string => (ms < 1000 ? `${Math.max(0, ms)}ms` : humanDuration(ms));

/** What is late by more than this was looked at since, and decided the same way. */
const LATE_MS = 5_000;

/** Is this the time of a look that is still to come, or due just now? */
export const isAhead = (time: string | undefined, now: Date): time is string =>
  time !== undefined && Date.parse(time) > now.getTime() - LATE_MS;

/** `in 8s`, or `now` for what is due. */
export function fromNow(time: string, now: Date): string {
  const ms = Date.parse(time) - now.getTime();
  return ms > 0 ? `in ${humanDuration(Math.ceil(ms / 1000) * 1000)}` : "now";
}

/** The rule that decided last, in the controller's own words. */
export const decisionText = (decision: Decision | undefined, now: Date): string | undefined =>
  decision &&
  `${decision.rule}${decision.message ? `: ${plainLine(decision.message)}` : ""} (${age(decision.time, now)} ago${isAhead(decision.nextTry, now) ? `, next look ${fromNow(decision.nextTry, now)}` : ""})`;
