import { keyOf, type Stored } from "../../../../api/object.ts";
import { processes } from "../../../../api/scheme.ts";
import type { Process } from "../../../../api/types.generated.ts";
import { command } from "../../command/command.ts";
import { dryRun, fieldManager, selector } from "../../command/common-options.ts";
import { processesOnly } from "../../command/takes.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { line } from "../../output/output.ts";
import { restartOf } from "../../rollout/restart-of.ts";
import { dryRunSuffix } from "../../text/messages.ts";
import { objectName } from "../../text/name.ts";
import { chosenProcesses } from "./chosen-processes.ts";

export const rolloutRestart = command({
  name: "rollout restart",
  summary: "Restart every instance of a process, in the order of its strategy.",
  description: "The new template carries the time of the restart, so it rolls out like any other change.",
  usage: ["rollout restart process/NAME... [flags]", "rollout restart -l SELECTOR [flags]"],
  examples: [
    { what: "Restart the process web", line: "wctl rollout restart process/web" },
    {
      what: "Restart all processes with a label, and wait",
      line: "wctl rollout restart -l tier=front\nwctl rollout status process/web",
    },
  ],
  takes: processesOnly,
  options: [selector, fieldManager, dryRun],
  async run(args, flags, context) {
    const found = await chosenProcesses(args, flags.selector, { verb: "rollout restart", context });
    const { client } = await context.session.open();
    const options = { dryRun: flags["dry-run"] === "server", fieldManager: flags["field-manager"] ?? "wctl-rollout" };
    const said = dryRunSuffix(flags["dry-run"]);
    const failures: unknown[] = [];
    const restart = async (process: Stored<Process>): Promise<void> => {
      const body = restartOf(process, context.clock.wall());
      if (flags["dry-run"] !== "client") {
        await client.patch(processes, keyOf(process), { type: "merge", body }, options);
      }
      await line(context.out, `${objectName(processes, process.metadata.name)} restarted${said}`);
    };
    for (const process of found) await restart(process).catch((error: unknown) => failures.push(error));
    throwCollected(failures);
    return 0;
  },
});
