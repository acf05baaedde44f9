import { type RolloutState, rolloutState } from "../../../../api/health/rollout-state.ts";
import { makeKey } from "../../../../api/object.ts";
import { processes } from "../../../../api/scheme.ts";
import { type Context, command } from "../../command/command.ts";
import { timeout } from "../../command/common-options.ts";
import { processesOnly } from "../../command/takes.ts";
import { Failure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";
import { waitForRollouts } from "../../rollout/wait-for-rollouts.ts";
import { processesNamed } from "./processes-named.ts";

export const rolloutStatus = command({
  name: "rollout status",
  summary: "Follow a rollout until it is done.",
  description:
    "Ends with exit code 0 when every instance runs the wanted template and is available, with 1 when the rollout exceeded its progress deadline, was rolled back (spec.rollback), cannot continue until something is changed (a copy or a dependency has failed for good), or --timeout passed.",
  usage: ["rollout status process/NAME... [flags]"],
  examples: [
    { what: "Wait until the process web is rolled out", line: "wctl rollout status process/web" },
    { what: "Give up after a minute", line: "wctl rollout status process/web --timeout=1m" },
    { what: "Print how far it is and return at once", line: "wctl rollout status process/web --watch=false" },
  ],
  takes: processesOnly,
  options: [
    { name: "watch", short: "w", type: "boolean", default: true, description: "Wait until the rollout is done." },
    timeout,
  ],
  async run(args, flags, context) {
    const { client, namespace } = await context.session.open();
    const keys = processesNamed(args, "rollout status").map((name) => makeKey(namespace, name));
    const now = await Promise.all(keys.map((key) => client.get(processes, key)));
    if (!flags.watch) {
      for (const process of now) await finish(rolloutState(process), context);
      return 0;
    }
    await waitForRollouts(keys, flags.timeout, context);
    return 0;
  },
});

async function finish(state: RolloutState, { out }: Context): Promise<void> {
  if (state.failed) throw new Failure(state.message);
  await line(out, state.message);
}
