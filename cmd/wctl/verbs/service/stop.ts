import { command } from "../../command/command.ts";
import { line } from "../../output/output.ts";
import { keepWorkloads, serviceName, services, waitAtMost, waiting } from "./options.ts";

export const serviceStop = command({
  name: "service stop",
  summary: "Stop the service, its workloads first.",
  usage: ["service stop [flags]"],
  examples: [{ what: "Stop it with its workloads", line: "wctl service stop" }],
  options: [serviceName, keepWorkloads, waitAtMost],
  async run(args, flags, context) {
    const manager = await services("service stop", args);
    const options = { ...waiting(flags, context), keepWorkloads: flags["keep-workloads"] };
    const stopped = await manager.stop(flags.name, options);
    await line(context.out, `service/${flags.name} ${stopped ? "stopped" : "unchanged: it is not running"}`);
    return 0;
  },
});
