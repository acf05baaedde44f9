import { command } from "../../command/command.ts";
import { line } from "../../output/output.ts";
import { serviceName, services, waitAtMost, waiting } from "./options.ts";

export const serviceContinue = command({
  name: "service continue",
  summary: "Continue a paused Windows service.",
  usage: ["service continue [flags]"],
  examples: [{ what: "Go on", line: "wctl service continue" }],
  options: [serviceName, waitAtMost],
  async run(args, flags, context) {
    const manager = await services("service continue", args);
    await manager.continue(flags.name, waiting(flags, context));
    await line(context.out, `service/${flags.name} continued`);
    return 0;
  },
});
