import { command } from "../../command/command.ts";
import { line } from "../../output/output.ts";
import { serviceName, services, waitAtMost, waiting } from "./options.ts";

export const servicePause = command({
  name: "service pause",
  summary: "Pause the Windows service: reconciliation rests, the workloads keep running.",
  usage: ["service pause [flags]"],
  examples: [{ what: "Nothing is restarted or rolled out until it continues", line: "wctl service pause" }],
  options: [serviceName, waitAtMost],
  async run(args, flags, context) {
    const manager = await services("service pause", args);
    await manager.pause(flags.name, waiting(flags, context));
    await line(context.out, `service/${flags.name} paused`);
    return 0;
  },
});
