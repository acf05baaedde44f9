import { command } from "../../command/command.ts";
import { line } from "../../output/output.ts";
import { serviceName, services, waitAtMost, waiting } from "./options.ts";

export const serviceStart = command({
  name: "service start",
  summary: "Start the service, and wait until its API answers.",
  usage: ["service start [flags]"],
  examples: [{ what: "Start it", line: "wctl service start" }],
  options: [serviceName, waitAtMost],
  async run(args, flags, context) {
    const manager = await services("service start", args);
    const started = await manager.start(flags.name, waiting(flags, context));
    await line(context.out, `service/${flags.name} ${started ? "started" : "unchanged: it is running already"}`);
    return 0;
  },
});
