import { command } from "../../command/command.ts";
import { line } from "../../output/output.ts";
import { serviceName, services, waitAtMost, waiting } from "./options.ts";

export const serviceUninstall = command({
  name: "service uninstall",
  summary: "Stop the service and remove it.",
  description: "Its workloads are stopped with it. The data directory is kept unless --purge is given.",
  usage: ["service uninstall [--purge] [flags]"],
  examples: [
    { what: "Remove the service, keep its data", line: "wctl service uninstall" },
    { what: "Leave nothing behind", line: "wctl service uninstall --purge" },
  ],
  options: [
    serviceName,
    { name: "purge", type: "boolean", description: "Also delete the data directory: objects, logs, keys." },
    waitAtMost,
  ],
  async run(args, flags, context) {
    const manager = await services("service uninstall", args);
    const { dataDir } = await manager.uninstall(flags.name, { ...waiting(flags, context), purge: flags.purge });
    await line(context.out, `service/${flags.name} deleted`);
    if (dataDir !== undefined) await line(context.out, `${dataDir} ${flags.purge ? "deleted" : "kept"}`);
    return 0;
  },
});
