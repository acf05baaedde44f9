import type { ListOptions, ObjectList } from "../../api/client.ts";
import { notFound } from "../../api/errors.ts";
import type { Key, Stored } from "../../api/object.ts";
import { type NodeMetrics, nodeMetrics, resourceUsage } from "../../api/resource-metrics.ts";
import { apiVersionOf, nodes, type Resource } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Column } from "../printing/column.ts";
import { columnTable } from "../printing/column-table.ts";
import type { TableConvertor } from "../printing/table.ts";
import type { Lister, Storage, StorageListOptions } from "../registry/storage.ts";
import type { StoreRegistry } from "../registry/store-registry.ts";

/** The API server must show what machines use but never sees one: the daemon hands this in. */
export interface NodeUsageSource {
  /** One entry for each node that can be measured. */
  ofNodes(): Promise<NodeUsage[]>;
}

export interface NodeUsage {
  name: string;
  /** RFC 3339. */
  timestamp: string;
  /** A Go duration. */
  window: string;
  /** Processors in use, the mean over `window`. */
  cpu: number;
  memoryBytes: number;
}

const columns: Column<NodeMetrics>[] = [
  { name: "CPU", type: "string", path: ".usage.cpu", description: "Processors in use." },
  { name: "Memory", type: "string", path: ".usage.memory", description: "Memory in use." },
  { name: "Window", type: "string", path: ".window", description: "What the use of processors is averaged over." },
];

/** What machines use now, workloads and all else: what `kubectl top nodes` reads. */
export class NodeMetricsView implements Storage {
  readonly resource = nodeMetrics as unknown as Resource;
  readonly table: TableConvertor;
  readonly #nodes: Lister;
  readonly #usage: NodeUsageSource;

  constructor(registry: Pick<StoreRegistry, "stored">, usage: NodeUsageSource, clock: Clock) {
    this.#nodes = registry.stored(nodes);
    this.#usage = usage;
    this.table = columnTable(columns as unknown as Column[], clock);
  }

  async get(key: Key): Promise<Stored> {
    const [one] = await this.#measure({ fieldSelector: `metadata.name=${key}` });
    if (!one) throw notFound(nodeMetrics, key);
    return one;
  }

  /** Selectors choose Nodes. Nothing is kept, so there is no revision and there are no pages. */
  async list({ limit: _, continue: _c, exact: _e, ...selection }: StorageListOptions): Promise<ObjectList> {
    return { items: await this.#measure(selection), metadata: { resourceVersion: "" } };
  }

  async #measure(selection: ListOptions): Promise<Stored[]> {
    const { items } = await this.#nodes.list(selection);
    if (items.length === 0) return [];
    const measured = new Map((await this.#usage.ofNodes()).map((one) => [one.name, one]));
    return items.flatMap(({ metadata: { name, labels } }) => {
      const one = measured.get(name);
      return one ? [metricsOf(one, labels)] : [];
    });
  }
}

function metricsOf(
  { name, timestamp, window, cpu, memoryBytes }: NodeUsage,
  labels: Stored["metadata"]["labels"],
): Stored {
  return {
    kind: nodeMetrics.kind,
    apiVersion: apiVersionOf(nodeMetrics),
    metadata: { name, creationTimestamp: timestamp, ...(labels && { labels }) },
    timestamp,
    window,
    usage: resourceUsage(cpu, memoryBytes),
  } as unknown as Stored;
}
