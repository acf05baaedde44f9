import { command } from "../../command/command.ts";
import { line } from "../../output/output.ts";
import { printValue } from "../../printers/print-value.ts";
import { serviceName, services } from "./options.ts";

/** As `systemctl status`: the service is there but does not run. */
const NOT_RUNNING = 3;
const NOT_INSTALLED = 4;

export const serviceStatus = command({
  name: "service status",
  summary: "Show the service: its state, its process, and why it did not start.",
  description: "The exit code is 0 when it runs, 3 when it does not, and 4 when it is not installed.",
  usage: ["service status [-o json|yaml]"],
  examples: [{ what: "Look at it", line: "wctl service status" }],
  options: [
    serviceName,
    { name: "output", short: "o", type: "string", oneOf: ["json", "yaml"], description: "In this form." },
  ],
  async run(args, flags, context) {
    const manager = await services("service status", args);
    const status = await manager.status(flags.name);
    if (status === undefined) {
      await line(context.err, `service/${flags.name} is not installed`);
      return NOT_INSTALLED;
    }
    if (flags.output) await context.out.write(await printValue(flags.output, status));
    else {
      const { name, state, pid, startup, account, commandLine, problem } = status;
      await line(context.out, `Name:      ${name}`);
      await line(context.out, `State:     ${state}${pid === 0 ? "" : ` (pid ${pid})`}`);
      await line(context.out, `Startup:   ${startup}`);
      await line(context.out, `Account:   ${account}`);
      await line(context.out, `Command:   ${commandLine}`);
      if (problem !== undefined) await line(context.out, `${pid === 0 ? "Last end: " : "API:      "} ${problem}`);
    }
    return ["Running", "Paused"].includes(status.state) ? 0 : NOT_RUNNING;
  },
});
