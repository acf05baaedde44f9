import { type Key, makeKey } from "../../../api/object.ts";
import { processes } from "../../../api/scheme.ts";
import { type Context, command } from "../command/command.ts";
import { timeout } from "../command/common-options.ts";
import { Failure } from "../command/failure.ts";
import { line } from "../output/output.ts";
import { Progress } from "../output/progress.ts";
import { deadline } from "../watching/deadline.ts";
import { processesNamed } from "./processes-named.ts";
import { type RolloutState, rolloutState } from "./status-message.ts";
import { untilRolledOut } from "./until-rolled-out.ts";

export const rolloutStatus = command({
  name: "rollout status",
  summary: "Follow a rollout until it is done.",
  description:
    "Ends with exit code 0 when every instance runs the wanted template and is available, with 1 when the rollout exceeded its progress deadline or --timeout passed.",
  usage: ["rollout status process/NAME... [flags]"],
  examples: [
    { what: "Wait until the process web is rolled out", line: "wctl rollout status process/web" },
    { what: "Give up after a minute", line: "wctl rollout status process/web --timeout=1m" },
    { what: "Say how far it is and return at once", line: "wctl rollout status process/web --watch=false" },
  ],
  options: [
    { name: "watch", short: "w", type: "boolean", default: true, description: "Wait until the rollout is done." },
    timeout,
  ],
  async run(args, flags, context) {
    const { client, namespace } = await context.session.open();
    const keys = processesNamed(args, "rollout status").map((name) => makeKey(namespace, name));
    const now = await Promise.all(keys.map((key) => client.get(processes, key)));
    if (!flags.watch) {
      for (const process of now) finish(rolloutState(process), context);
      return 0;
    }
    await waitForRollouts(keys, flags.timeout, context);
    return 0;
  },
});

function finish(state: RolloutState, { out }: Context): void {
  if (state.failed) throw new Failure(state.message);
  line(out, state.message);
}

/**
 * Waits for rollouts and tells how they go: on a terminal in one moving line, else in kubectl's lines on standard output.
 * Throws a Failure for a rollout that failed, or when the time is up. `quiet` leaves out the words of success.
 */
export async function waitForRollouts(
  keys: readonly Key[],
  seconds: number,
  context: Context,
  { quiet = false }: { quiet?: boolean } = {},
): Promise<void> {
  const { client } = await context.session.open();
  const progress = new Progress(context.err);
  const limit = deadline(context.clock, seconds, context.signal);
  const tell = (_: Key, state: RolloutState): void => {
    progress.clear();
    if (!state.done && context.err.isTTY) progress.show(state.message);
    else if (!state.failed && !(quiet && state.done)) line(quiet ? context.err : context.out, state.message);
  };
  const states = await untilRolledOut(client, keys, { signal: limit.signal, clock: context.clock, tell }).finally(
    () => {
      progress.clear();
      limit.cancel();
    },
  );
  const failed = [...states.values()].filter((state) => state.failed);
  if (failed.length > 0) throw new Failure(failed.map((state) => state.message).join("\nerror: "));
  if (limit.passed()) throw new Failure("timed out waiting for the condition");
}
