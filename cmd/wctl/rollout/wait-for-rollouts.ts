import type { RolloutState } from "../../../api/health/rollout-state.ts";
import { type Key, splitKey } from "../../../api/object.ts";
import type { Context } from "../command/command.ts";
import { Failure } from "../errors/failure.ts";
import { throwCollected } from "../errors/throw-collected.ts";
import { Progress } from "../output/progress.ts";
import { deadline } from "../watching/deadline.ts";
import { untilRolledOut } from "./until-rolled-out.ts";

export interface WaitOptions {
  quiet?: boolean;
  /** Nobody has asked for a rollout: what a pause or a stop holds back is over. */
  expected?: boolean;
  /** The line to print of one that is done. */
  done?: (key: Key) => string;
}

/**
 * Waits for rollouts and tells how they go: on a terminal in one moving line, else in kubectl's lines on standard output. With
 * `quiet`, only the moving line, and what nobody may expect (`RolloutState.note`) unless that is `expected`. Throws a Failure for rollouts that failed, or are not done when the time is up.
 */
export async function waitForRollouts(
  keys: readonly Key[],
  seconds: number,
  context: Context,
  { quiet = false, expected = false, done }: WaitOptions = {},
): Promise<void> {
  const { client } = await context.session.open();
  const progress = new Progress(context);
  const limit = deadline(context.clock, seconds, context.signal);
  const told = new Map<Key, RolloutState>();
  const finished = new Set<Key>();
  const isOver = (state: RolloutState): boolean => state.done || (expected && state.held === true);
  // Lines of a pipe may come to the same terminal.
  const isMoving = context.err.isTTY && context.out.isTTY;
  const tell = async (key: Key, state: RolloutState): Promise<void> => {
    const news = told.get(key)?.message !== state.message;
    told.set(key, state);
    const silent = quiet ? expected || !state.note : isMoving && !state.done;
    if (!silent && !state.failed && news) await progress.tell(state.message);
    if (done && isOver(state) && !state.failed && !finished.has(key)) {
      finished.add(key);
      await progress.tell(done(key));
    }
    if (quiet || isMoving) progress.show(inOneLine(told, keys.length));
  };
  const following = { signal: limit.signal, clock: context.clock, tell, isOver };
  const states = await untilRolledOut(client, keys, following).finally(() => {
    progress.clear();
    limit.cancel();
  });
  const left = [...new Set(keys)].filter(
    (key) => states.get(key)?.failed || !states.has(key) || !isOver(states.get(key)!),
  );
  throwCollected(left.map((key) => failureOf(key, states.get(key), quiet)));
}

/** `3 of 5 rolled out; web: 1 of 2 updated replicas are available (…)`: how many, and one that is awaited. */
function inOneLine(told: ReadonlyMap<Key, RolloutState>, wanted: number): string {
  const states = [...told.values()];
  const waiting = states.find((state) => !state.done)?.progress ?? "";
  return wanted === 1 ? waiting : `${states.filter((state) => state.done).length} of ${wanted} rolled out; ${waiting}`;
}

/**
 * Without `quiet` the reader has seen the progress; with `quiet` the hint tells it now. There is no state when the time is up before the first
 * look.
 */
function failureOf(key: Key, state: RolloutState | undefined, quiet: boolean): Failure {
  if (state?.failed) return new Failure(state.message);
  if (!quiet) return new Failure("timed out waiting for the condition");
  const hint = state ? { hint: state.progress } : {};
  return new Failure(`timed out waiting for the condition on processes/${splitKey(key).name}`, hint);
}
