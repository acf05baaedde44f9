import { command } from "../../command/command.ts";
import { processesByName } from "../../command/takes.ts";
import { changeOptions, changeProcesses } from "./change-processes.ts";

export const stop = command({
  name: "stop",
  summary: "Stop processes and keep them stopped.",
  description:
    "Sets spec.suspend: each copy is stopped by its stop sequence, what depends on it first, and stays stopped over restarts of the daemon until `wctl start`. Copies, counts and output are kept. A manifest that does not mention spec.suspend leaves it as it is.",
  usage: ["stop process/NAME... [flags]", "stop (-l SELECTOR | --all) [flags]"],
  examples: [
    { what: "Stop the process web, and return when it has stopped", line: "wctl stop process/web" },
    { what: "Stop everything with a label", line: "wctl stop -l tier=batch" },
    { what: "Ask for it and return at once", line: "wctl stop process/web --wait=false" },
  ],
  takes: processesByName,
  options: changeOptions,
  async run(args, flags, context) {
    await changeProcesses("stop", args, flags, context, () => ({ spec: { suspend: true } }));
    return 0;
  },
});
