import { command } from "../../command/command.ts";
import { allNamespaces, noHeaders, selector } from "../../command/common-options.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { parseTargets } from "../../input/targets.ts";
import { line } from "../../output/output.ts";
import { inColumns } from "../../printers/columns.ts";
import { nothingFound } from "../../text/messages.ts";
import { type Measured, measure, measuredOf, requireAll } from "./measure.ts";
import { orders, totals, type UsageRow, usageCells } from "./usage-rows.ts";
import { watchUsage } from "./watch-usage.ts";

export const top = command({
  name: "top",
  summary: "Show CPU, memory, handles and processes in use.",
  description:
    "Each number is for a whole process tree. CPU is the mean over the last seconds. With -w it is live: at a terminal in one place, where the keys c, m, h, p and n sort and q ends it; in a pipe one table after the other, with an empty line between.",
  usage: ["top processes [NAME...] [flags]", "top instances [NAME...] [flags]"],
  examples: [
    { what: "What each process uses, all its instances together", line: "wctl top processes" },
    { what: "The instances in all namespaces, the largest first", line: "wctl top instances -A --sort-by=memory" },
    { what: "Live, what computes most first", line: "wctl top instances -w" },
  ],
  takes: { words: ["processes", "instances"] },
  options: [
    selector,
    allNamespaces,
    {
      name: "sort-by",
      type: "string",
      oneOf: ["cpu", "memory", "handles", "processes", "name"],
      description: "The largest first; with -w by cpu when it is absent.",
    },
    { name: "watch", short: "w", type: "boolean", description: "Show it anew at each interval, until Ctrl-C." },
    { name: "interval", type: "duration", default: 2, description: "With -w: how often, at least each second." },
    { name: "sum", type: "boolean", description: "A last line with the sums." },
    noHeaders,
  ],
  async run(args, flags, context) {
    if (args.length === 0) throw usageFailure("top", "name what to measure: wctl top processes, or wctl top instances");
    if (flags.interval < 1) throw new Failure("--interval must be at least 1s");
    const { namespace } = await context.session.open();
    const measured: Measured = {
      ...measuredOf(parseTargets(args)),
      namespace: flags["all-namespaces"] ? undefined : namespace,
      selector: flags.selector,
    };
    const rows = await measure(measured, context);
    requireAll(rows, measured);
    const table = (now: readonly UsageRow[]): string =>
      tableOf(now, { ...flags, withNamespace: measured.namespace === undefined });
    if (flags.watch) {
      const look = (): Promise<UsageRow[]> => measure(measured, context);
      const watching = { intervalMs: flags.interval * 1000, order: flags["sort-by"] ?? "cpu", look, table } as const;
      return watchUsage(rows, watching, context);
    }
    if (rows.length === 0) await line(context.err, nothingFound(measured.namespace));
    else await context.out.write(table(flags["sort-by"] ? rows.sort(orders[flags["sort-by"]]) : rows));
    return 0;
  },
});

function tableOf(
  rows: readonly UsageRow[],
  { withNamespace, ...flags }: { withNamespace: boolean; sum: boolean; "no-headers": boolean },
): string {
  const header = [
    ...(withNamespace ? ["NAMESPACE"] : []),
    "NAME",
    "CPU(cores)",
    "MEMORY(bytes)",
    "HANDLES",
    "PROCESSES",
  ];
  const cells = [...rows, ...(flags.sum ? [totals(rows)] : [])].map((row) => usageCells(row, withNamespace));
  return inColumns([...(flags["no-headers"] ? [] : [header]), ...cells]);
}
