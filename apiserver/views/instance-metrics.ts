import type { ListOptions, ObjectList } from "../../api/client.ts";
import { notFound } from "../../api/errors.ts";
import { type InstanceMetrics, instanceMetrics } from "../../api/metrics.ts";
import { type Key, type Stored, splitKey } from "../../api/object.ts";
import { apiVersionOf, instances, type Resource } from "../../api/scheme.ts";
import type { Instance } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Column } from "../printing/column.ts";
import { columnTable } from "../printing/column-table.ts";
import type { TableConvertor } from "../printing/table.ts";
import type { Registry } from "../registry/registry.ts";
import type { Storage } from "../registry/storage.ts";

/** The API server must show what processes use but never sees one: the daemon hands this in. */
export interface UsageSource {
  /** One entry for each Instance that lives; others are left out. */
  of(instances: readonly Stored<Instance>[]): Promise<InstanceUsage[]>;
}

/** What was measured of one Instance. */
export interface InstanceUsage extends Omit<InstanceMetrics, "apiVersion" | "kind"> {
  metadata: { name: string; namespace: string };
}

const columns: Column<InstanceMetrics>[] = [
  { name: "CPU", type: "number", description: "Processors in use.", cell: ({ usage }) => usage.cpu },
  { name: "Memory", type: "integer", description: "Bytes.", cell: ({ usage }) => usage.memoryBytes },
  { name: "Window", type: "string", path: ".window", description: "What the use of processors is averaged over." },
];

/** What each Instance that lives uses now, as `metrics.k8s.io` is for Pods: measured when somebody asks, kept nowhere. */
export class InstanceMetricsView implements Storage {
  readonly resource = instanceMetrics as Resource;
  readonly table: TableConvertor;
  readonly #registry: Registry;
  readonly #usage: UsageSource;

  constructor(registry: Registry, usage: UsageSource, clock: Clock) {
    this.#registry = registry;
    this.#usage = usage;
    this.table = columnTable(columns as unknown as Column[], clock);
  }

  async get(key: Key): Promise<Stored> {
    const { name, namespace = "" } = splitKey(key);
    const [one] = await this.#measure({ namespace, fieldSelector: `metadata.name=${name}` });
    if (!one) throw notFound(instanceMetrics, name);
    return one;
  }

  /** Selectors choose Instances. Nothing is kept, so there is no revision and there are no pages. */
  async list({ namespace, labelSelector, fieldSelector }: ListOptions): Promise<ObjectList> {
    const items = await this.#measure({
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    });
    return { items, metadata: { resourceVersion: "" } };
  }

  async #measure(selection: ListOptions): Promise<Stored[]> {
    const { items } = await this.#registry.list(instances as unknown as Resource, selection);
    const measured = await this.#usage.of(items as Stored<Instance>[]);
    return measured.map(
      (one) => ({ kind: instanceMetrics.kind, apiVersion: apiVersionOf(instanceMetrics), ...one }) as unknown as Stored,
    );
  }
}
