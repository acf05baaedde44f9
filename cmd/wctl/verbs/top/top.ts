import type { InstanceMetrics } from "../../../../api/metrics.ts";
import { instances, processes, wellKnown } from "../../../../api/scheme.ts";
import { command } from "../../command/command.ts";
import { allNamespaces, noHeaders, selector } from "../../command/common-options.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { parseTargets } from "../../input/targets.ts";
import { line } from "../../output/output.ts";
import { inColumns } from "../../printers/columns.ts";
import { nothingFound } from "../../text/messages.ts";
import { metricsOfInstances } from "./instance-metrics.ts";
import { byProcess, orders, totals, type UsageRow, usageCells } from "./usage-rows.ts";

export const top = command({
  name: "top",
  summary: "Show CPU, memory, handles and processes in use.",
  description: "Each number is for a whole process tree. CPU is the mean over the last seconds.",
  usage: ["top processes [NAME...] [flags]", "top instances [NAME...] [flags]"],
  examples: [
    { what: "What each process uses, all its instances together", line: "wctl top processes" },
    { what: "The instances in all namespaces, the largest first", line: "wctl top instances -A --sort-by=memory" },
  ],
  options: [
    selector,
    allNamespaces,
    {
      name: "sort-by",
      type: "string",
      oneOf: ["cpu", "memory", "handles", "processes"],
      description: "The largest first.",
    },
    { name: "sum", type: "boolean", description: "A last line with the sums." },
    noHeaders,
  ],
  async run(args, flags, context) {
    const targets = parseTargets(args);
    const [first] = targets;
    if (!first) throw usageFailure("top", "name what to measure: wctl top processes, or wctl top instances");
    if (targets.some(({ resource }) => resource !== first.resource))
      throw new Failure("you may only specify a single resource type");
    if (first.resource !== instances && first.resource !== processes) {
      throw new Failure(`${first.resource.plural} have no metrics; name processes or instances`);
    }
    const { client, namespace } = await context.session.open();
    const names = targets.flatMap(({ name }) => (name === undefined ? [] : [name]));
    const scope = flags["all-namespaces"] ? undefined : namespace;
    const metrics = await metricsOfInstances(client, scope, flags.selector, context.signal);
    const isProcesses = first.resource === processes;
    const rows = pick(
      isProcesses ? byProcess(metrics, wellKnown.processLabel) : metrics.map(rowOf),
      names,
      first.resource.plural,
    );
    if (flags["sort-by"]) rows.sort(orders[flags["sort-by"]]);
    if (rows.length === 0) {
      await line(context.err, nothingFound(scope));
      return 0;
    }
    const cells = [...rows, ...(flags.sum ? [totals(rows)] : [])].map((row) => usageCells(row, scope === undefined));
    const header = [
      ...(scope === undefined ? ["NAMESPACE"] : []),
      "NAME",
      "CPU(cores)",
      "MEMORY(bytes)",
      "HANDLES",
      "PROCESSES",
    ];
    await context.out.write(inColumns([...(flags["no-headers"] ? [] : [header]), ...cells]));
    return 0;
  },
});

const rowOf = ({ metadata, usage }: InstanceMetrics): UsageRow => ({
  namespace: metadata.namespace!,
  name: metadata.name,
  ...usage,
});

function pick(rows: UsageRow[], names: readonly string[], plural: string): UsageRow[] {
  const missing = names.find((name) => !rows.some((row) => row.name === name));
  if (missing !== undefined) throw new Failure(`Metrics not available for ${plural}/${missing}: is it running?`);
  return names.length === 0 ? rows : rows.filter((row) => names.includes(row.name));
}
