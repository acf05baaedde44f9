import { command } from "../../command/command.ts";
import { processesByName } from "../../command/takes.ts";
import { changeOptions, changeProcesses } from "./change-processes.ts";

export const start = command({
  name: "start",
  summary: "Start processes that were stopped.",
  description:
    "Lifts spec.suspend: each copy starts its next run at once, without a wait that was left of earlier crashes, and after what it depends on. Returns when all copies are available.",
  usage: ["start process/NAME... [flags]", "start (-l SELECTOR | --all) [flags]"],
  examples: [
    { what: "Start the process web, and return when it is available", line: "wctl start process/web" },
    { what: "Start everything in the namespace", line: "wctl start --all" },
  ],
  takes: processesByName,
  options: changeOptions,
  async run(args, flags, context) {
    await changeProcesses("start", args, flags, context, ({ spec }) => ({
      spec: { suspend: spec.suspend === undefined ? null : false },
    }));
    return 0;
  },
});
