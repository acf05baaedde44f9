import type { ProbeKind, ProbeResult, ProbeSet, ProbeSpec, ProbeState } from "./prober.ts";

type Outcome = ProbeResult["outcome"];

/** How many times in a row a probe came out the same way: `lastResult` and `resultRun` of the kubelet's prober. */
export interface Streak {
  last?: Outcome;
  times: number;
}

export const noStreak: Streak = { times: 0 };

export const extendStreak = (streak: Streak, outcome: Outcome): Streak => ({
  last: outcome,
  times: streak.last === outcome ? streak.times + 1 : 1,
});

/** One result below its threshold decides nothing. */
export const meetsThreshold = ({ last, times }: Streak, spec: ProbeSpec): boolean =>
  times >= (last === "success" ? spec.successThreshold : spec.failureThreshold);

/**
 * The state until the first verdict, beside what was known `before` of this run: not started while a startup probe says nothing, not ready while a
 * readiness probe says nothing.
 */
export function firstState(run: number, probes: ProbeSet, before?: Omit<ProbeState, "run">): ProbeState {
  const started = !probes.startup || before?.started === true;
  const state: ProbeState = { run, started, ready: started && (!probes.readiness || before?.ready === true) };
  return before?.restart ? { ...state, restart: before.restart } : state;
}

/** The state after an attempt to ask, before its answer is looked at. */
export function stateAfterAttempt(state: ProbeState, kind: ProbeKind, result: ProbeResult): ProbeState {
  if (result.errored) return { ...state, errored: { kind, message: result.message } };
  if (state.errored?.kind !== kind) return state;
  const { errored: _, ...rest } = state;
  return rest;
}

/** The state after a verdict. Readiness only gates; startup gates the others; a failed startup or liveness probe asks for a restart. */
export function stateAfterVerdict(
  state: ProbeState,
  probes: ProbeSet,
  kind: ProbeKind,
  result: ProbeResult,
): ProbeState {
  const succeeded = result.outcome === "success";
  if (kind === "readiness") return { ...state, ready: succeeded };
  if (!succeeded) return { ...state, restart: state.restart ?? { kind, message: result.message } };
  return kind === "startup" ? { ...state, started: true, ready: !probes.readiness } : state;
}

/**
 * The state with what keeps the run from being ready. An answer that differs from the one before in its numbers alone (a time, a count) is no
 * news: each change is a write of the status.
 */
export function stateWithCause(state: ProbeState, kind: ProbeKind, result: ProbeResult): ProbeState {
  if (kind === "liveness") return state;
  const { failing, ...rest } = state;
  const holds = kind === "startup" ? !state.started : !state.ready;
  if (result.outcome === "success" || !holds) return failing?.kind === kind ? rest : state;
  if (failing?.kind === kind && wordsOf(failing.message) === wordsOf(result.message)) return state;
  return { ...rest, failing: { kind, message: result.message } };
}

const wordsOf = (message: string): string => message.replace(/(?<!statuscode: \d*)\d+/g, "0");

/** Whether a probe of this kind has anything to find out now. A run that is to be restarted is not asked again by the probe that failed. */
export function isAwake(kind: ProbeKind, state: ProbeState): boolean {
  if (kind === "startup") return !state.started && state.restart === undefined;
  return state.started && state.restart?.kind !== kind;
}

/** The next tick. Ticks keep their rhythm. When a probe took longer than a period, one of the missed ticks is made up for, at once. */
export function nextTick(due: number, period: number, now: number): number {
  const missed = Math.max(0, Math.floor((now - due) / period));
  return due + Math.max(1, missed) * period;
}

/** The first tick that has not come yet. */
export const tickAfter = (due: number, period: number, now: number): number =>
  due + (Math.floor((now - due) / period) + 1) * period;
