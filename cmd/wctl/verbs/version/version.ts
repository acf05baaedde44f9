import { command } from "../../command/command.ts";
import { line } from "../../output/output.ts";
import { printValue } from "../../printers/print-value.ts";
import { clientVersion } from "./client-version.ts";

export const version = command({
  name: "version",
  summary: "Print the versions of wctl and of the server.",
  usage: ["version [--client] [-o json|yaml]"],
  examples: [
    { what: "Both versions", line: "wctl version" },
    { what: "Without asking the server", line: "wctl version --client" },
  ],
  options: [
    { name: "client", type: "boolean", description: "Only the version of wctl; asks no server." },
    {
      name: "output",
      short: "o",
      type: "string",
      oneOf: ["json", "yaml"],
      description: "Everything that is known, in this form.",
    },
  ],
  async run(_, flags, context) {
    const client = clientVersion();
    const print = async (server?: { gitVersion: string }): Promise<void> => {
      if (flags.output) {
        const value = { clientVersion: client, ...(server ? { serverVersion: server } : {}) };
        await context.out.write(await printValue(flags.output, value));
        return;
      }
      await line(context.out, `Client Version: ${client.gitVersion}`);
      if (server) await line(context.out, `Server Version: ${server.gitVersion}`);
    };
    if (flags.client) {
      await print();
      return 0;
    }
    const { client: api } = await context.session.open();
    const server = await api.raw("GET", "/version", { signal: context.signal }).catch(async (error) => {
      await print();
      throw error;
    });
    await print(JSON.parse(server) as { gitVersion: string });
    return 0;
  },
});
