import { command } from "../../command/command.ts";
import { servedVersions } from "../../discovery/served.ts";
import { usageFailure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";

export const apiVersions = command({
  name: "api-versions",
  summary: "List the API versions that the server has.",
  usage: ["api-versions"],
  examples: [{ what: "As group/version", line: "wctl api-versions" }],
  options: [],
  async run(args, _, context) {
    if (args.length > 0) throw usageFailure("api-versions", `unexpected arguments: [${args.join(" ")}]`);
    const { client } = await context.session.open();
    for (const version of await servedVersions(client, context.signal)) await line(context.out, version);
    return 0;
  },
});
