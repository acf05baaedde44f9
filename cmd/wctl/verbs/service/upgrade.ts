import { command } from "../../command/command.ts";
import { line } from "../../output/output.ts";
import { serviceName, services, waitAtMost, waiting } from "./options.ts";

export const serviceUpgrade = command({
  name: "service upgrade",
  summary: "Replace the program that the service runs with this one.",
  description:
    "Run it from the new program. The workloads keep running; the daemon ends, and its successor finds them again. If the new daemon does not start, the old program is put back and started.",
  usage: ["service upgrade [flags]"],
  examples: [{ what: "From the folder with the new program", line: "wctl service upgrade" }],
  options: [
    serviceName,
    { name: "allow-downgrade", type: "boolean", description: "Also when the installed version is newer." },
    waitAtMost,
  ],
  async run(args, flags, context) {
    const manager = await services("service upgrade", args);
    const options = { ...waiting(flags, context), allowDowngrade: flags["allow-downgrade"] };
    const { from, to } = await manager.upgrade(flags.name, options);
    await line(context.out, `service/${flags.name} upgraded (${from} -> ${to})`);
    return 0;
  },
});
