import { keyOf, type Stored } from "../../../../api/object.ts";
import { processes } from "../../../../api/scheme.ts";
import type { Process } from "../../../../api/types.generated.ts";
import type { Context } from "../../command/command.ts";
import { dryRun, fieldManager, selector, timeout } from "../../command/common-options.ts";
import type { Flags, Option } from "../../command/option.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { Progress } from "../../output/progress.ts";
import { waitForRollouts } from "../../rollout/wait-for-rollouts.ts";
import { dryRunSuffix } from "../../text/messages.ts";
import { objectName } from "../../text/name.ts";
import { chosenProcesses, pastOf } from "./chosen-processes.ts";

export const changeOptions = [
  selector,
  { name: "all", type: "boolean", description: "All processes of the namespace." },
  {
    name: "wait",
    type: "boolean",
    default: true,
    description: "Return only when it is done; --wait=false returns when it is asked for.",
  },
  { ...timeout, default: 120 },
  fieldManager,
  dryRun,
] as const satisfies readonly Option[];

/**
 * Patches each chosen Process with what `bodyOf` says, waits until that is done, and then says so of each: `process.wctl.dev/web stopped`. What
 * fails for one keeps the others from nothing; it is thrown at the end.
 */
export async function changeProcesses(
  verb: "stop" | "start" | "restart",
  args: readonly string[],
  flags: Flags<typeof changeOptions>,
  context: Context,
  bodyOf: (process: Stored<Process>) => object,
): Promise<void> {
  const { chosen, errors } = await chosenProcesses(verb, args, flags, context);
  const { client } = await context.session.open();
  const progress = new Progress(context);
  const options = { dryRun: flags["dry-run"] === "server", fieldManager: flags["field-manager"] ?? `wctl-${verb}` };
  const change = async (process: Stored<Process>): Promise<void> => {
    const key = keyOf(process);
    const body = bodyOf(process);
    if (flags["dry-run"] !== "client") await client.patch(processes, key, { type: "merge", body }, options);
    if (flags.wait && flags["dry-run"] === "none") {
      await waitForRollouts([key], flags.timeout, context, { quiet: true, expected: true });
    }
    const said = `${objectName(processes, process.metadata.name)} ${pastOf(verb)}`;
    await progress.tell(said + dryRunSuffix(flags["dry-run"]));
  };
  await Promise.all(chosen.map((process) => change(process).catch((error: unknown) => errors.push(error))));
  throwCollected(errors);
}
