import { command } from "../../command/command.ts";
import { line } from "../../output/output.ts";
import { keepWorkloads, serviceName, services, waitAtMost, waiting } from "./options.ts";

export const serviceRestart = command({
  name: "service restart",
  summary: "Stop the service and start it again.",
  usage: ["service restart [flags]"],
  examples: [{ what: "Restart the daemon and its workloads", line: "wctl service restart" }],
  options: [serviceName, keepWorkloads, waitAtMost],
  async run(args, flags, context) {
    const manager = await services("service restart", args);
    const options = { ...waiting(flags, context), keepWorkloads: flags["keep-workloads"] };
    await manager.stop(flags.name, options);
    await manager.start(flags.name, options);
    await line(context.out, `service/${flags.name} restarted`);
    return 0;
  },
});
