import type { InstanceMetrics, Usage } from "../../../../api/metrics.ts";

type Totals = Pick<Usage, "cpu" | "memoryBytes" | "handles" | "processes">;

export interface UsageRow extends Totals {
  namespace: string;
  name: string;
}

const sum = (a: Totals, b: Totals): Totals => ({
  cpu: a.cpu + b.cpu,
  memoryBytes: a.memoryBytes + b.memoryBytes,
  handles: a.handles + b.handles,
  processes: a.processes + b.processes,
});

/** The instances of a process together. */
export function byProcess(metrics: readonly InstanceMetrics[], processLabel: string): UsageRow[] {
  const rows = new Map<string, UsageRow>();
  for (const { metadata, usage } of metrics) {
    const name = metadata.labels?.[processLabel] ?? metadata.name;
    const key = `${metadata.namespace}/${name}`;
    const sofar = rows.get(key);
    rows.set(key, { namespace: metadata.namespace!, name, ...(sofar ? sum(sofar, usage) : usage) });
  }
  return [...rows.values()];
}

export const totals = (rows: readonly UsageRow[]): UsageRow => ({
  namespace: "",
  name: "TOTAL",
  ...rows.reduce(sum, { cpu: 0, memoryBytes: 0, handles: 0, processes: 0 }),
});

/** The largest first; ties by name. */
const largest =
  (field: keyof Totals) =>
  (a: UsageRow, b: UsageRow): number =>
    b[field] - a[field] || (a.name < b.name ? -1 : 1);

/** By name for who looks for one, else the largest first. */
export const orders = {
  name: (a: UsageRow, b: UsageRow): number => (a.name < b.name ? -1 : 1),
  cpu: largest("cpu"),
  memory: largest("memoryBytes"),
  handles: largest("handles"),
  processes: largest("processes"),
} as const;

export type Order = keyof typeof orders;

/** Whole millicores and MiB, rounded up, as `kubectl top` shows them. */
export const usageCells = (row: UsageRow, withNamespace: boolean): string[] => [
  ...(withNamespace ? [row.namespace] : []),
  row.name,
  `${Math.ceil(row.cpu * 1000 - 1e-9)}m`,
  `${Math.ceil(row.memoryBytes / 2 ** 20)}Mi`,
  String(row.handles),
  String(row.processes),
];
