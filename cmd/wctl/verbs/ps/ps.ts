import { type InstanceMetrics, instanceMetrics } from "../../../../api/metrics.ts";
import { keyOf, type Stored } from "../../../../api/object.ts";
import { instances } from "../../../../api/scheme.ts";
import type { Instance } from "../../../../api/types.generated.ts";
import { formatBytes } from "../../../../lib/quantity.ts";
import { command } from "../../command/command.ts";
import { noHeaders, selector } from "../../command/common-options.ts";
import { usageFailure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";
import { inColumns } from "../../printers/columns.ts";
import { commandLine } from "../../text/command-line.ts";
import { nothingFound } from "../../text/messages.ts";
import { plain } from "../../text/plain.ts";
import { cpuTime, imageOf, treeRows } from "../../text/process-tree.ts";

const HEADER = ["NAMESPACE", "INSTANCE", "PID", "USER", "TIME", "MEMORY", "COMMAND"];

export const ps = command({
  name: "ps",
  summary: "List every process that the daemon keeps, as trees.",
  description:
    "TIME is processor time. In all namespaces, unless -n names one. The main process of a copy shows its command line, what it has started the name that it has given itself.",
  usage: ["ps [-n NAMESPACE] [-l SELECTOR]"],
  examples: [
    { what: "All of them", line: "wctl ps" },
    { what: "Those of the processes with a label", line: "wctl ps -l app=shop" },
  ],
  options: [selector, noHeaders],
  async run(args, flags, context) {
    if (args.length > 0)
      throw usageFailure("ps", `unexpected ${JSON.stringify(args[0])}: wctl status process/NAME shows one`);
    const { client, namespace, namespaceGiven } = await context.session.open();
    const scope = { ...(namespaceGiven ? { namespace } : {}), signal: context.signal };
    const [measured, known] = await Promise.all([
      client.list(instanceMetrics, scope),
      client.list(instances, { ...scope, ...(flags.selector ? { labelSelector: flags.selector } : {}) }),
    ]);
    const byKey = new Map(known.items.map((instance) => [keyOf(instance), instance]));
    const rows = measured.items.flatMap((metrics) => {
      const instance = byKey.get(keyOf(metrics));
      return instance ? rowsOf(instance, metrics) : [];
    });
    if (rows.length === 0) await line(context.err, nothingFound(namespaceGiven ? namespace : undefined));
    else await context.out.write(inColumns([...(flags["no-headers"] ? [] : [HEADER]), ...rows]));
    return 0;
  },
});

function rowsOf(instance: Stored<Instance>, { usage }: InstanceMetrics): string[][] {
  const { metadata, spec, status } = instance;
  // `root (uid 0), as the daemon itself`: who it is comes first.
  const user = plain(status?.account?.split(/[,(]/, 1)[0]?.trim() || "<unknown>");
  const where = [metadata.namespace ?? "", metadata.name];
  return treeRows(usage.tree ?? []).map(({ lead, member }) => [
    ...where,
    String(member.pid),
    user,
    cpuTime(member.cpuSeconds),
    formatBytes(member.memoryBytes),
    lead + (member.pid === status?.pid ? plain(commandLine(spec)) : imageOf(member)),
  ]);
}
