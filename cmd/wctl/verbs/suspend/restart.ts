import { command } from "../../command/command.ts";
import { processesByName } from "../../command/takes.ts";
import { restartOf } from "../../rollout/restart-of.ts";
import { changeOptions, changeProcesses } from "./change-processes.ts";

export const restart = command({
  name: "restart",
  summary: "Restart processes, in the order of their strategy.",
  description:
    "As `wctl rollout restart`, and returns when all copies are available again. A process that is stopped is not restarted: start it.",
  usage: ["restart process/NAME... [flags]", "restart (-l SELECTOR | --all) [flags]"],
  examples: [
    { what: "Restart the process web", line: "wctl restart process/web" },
    { what: "Restart everything with a label, without waiting", line: "wctl restart -l tier=front --wait=false" },
  ],
  takes: processesByName,
  options: changeOptions,
  async run(args, flags, context) {
    await changeProcesses("restart", args, flags, context, (process) => restartOf(process, context.clock.wall()));
    return 0;
  },
});
