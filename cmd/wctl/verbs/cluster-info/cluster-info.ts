import { command } from "../../command/command.ts";
import { usageFailure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";
import { painter } from "../../text/colour.ts";
import { plain } from "../../text/plain.ts";

export const clusterInfo = command({
  name: "cluster-info",
  summary: "Show where the server is.",
  description: "It is asked for its version, so that a server which does not answer is told.",
  usage: ["cluster-info"],
  examples: [{ what: "Which server do I talk to?", line: "wctl cluster-info" }],
  options: [],
  async run(args, _, { session, out, signal }) {
    if (args.length > 0) throw usageFailure("cluster-info", `unexpected arguments: [${args.join(" ")}]`);
    const { client } = await session.open();
    const { gitVersion = "" } = JSON.parse(await client.raw("GET", "/version", { signal })) as { gitVersion?: string };
    const what = /-wctl\./.test(gitVersion) ? "wctld" : "Kubernetes control plane";
    const paint = painter(out);
    await out.write(`${paint("green", what)} is running at ${paint("cyan", plain(client.server))}\n`);
    await line(out, `Server Version: ${gitVersion || "unknown"}`);
    return 0;
  },
});
