import type { ListOptions, ObjectList } from "../../../api/client.ts";
import { notFound } from "../../../api/errors.ts";
import { type Key, type Stored, splitKey } from "../../../api/object.ts";
import { mainContainer } from "../../../api/pods.ts";
import { type PodMetrics, podMetrics, resourceUsage } from "../../../api/resource-metrics.ts";
import { apiVersionOf, instances, type Resource } from "../../../api/scheme.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Column } from "../../printing/column.ts";
import { columnTable } from "../../printing/column-table.ts";
import type { TableConvertor } from "../../printing/table.ts";
import type { Lister, Storage, StorageListOptions } from "../../registry/storage.ts";
import type { StoreRegistry } from "../../registry/store-registry.ts";
import type { InstanceUsage, UsageSource } from "../instance-metrics.ts";
import { podFields } from "./pod-fields.ts";

const columns: Column<PodMetrics>[] = [
  { name: "CPU", type: "string", description: "Processors in use.", cell: (one) => one.containers[0]!.usage.cpu },
  { name: "Memory", type: "string", description: "Memory in use.", cell: (one) => one.containers[0]!.usage.memory },
  { name: "Window", type: "string", path: ".window", description: "What the use of processors is averaged over." },
];

/** What the Pods that live use now: what `kubectl top pods` reads. */
export class PodMetricsView implements Storage {
  readonly resource = podMetrics as unknown as Resource;
  readonly table: TableConvertor;
  readonly #instances: Lister;
  readonly #usage: UsageSource;

  constructor(registry: Pick<StoreRegistry, "stored">, usage: UsageSource, clock: Clock) {
    this.#instances = registry.stored(instances).selecting(podFields);
    this.#usage = usage;
    this.table = columnTable(columns as unknown as Column[], clock);
  }

  async get(key: Key): Promise<Stored> {
    const { name, namespace = "" } = splitKey(key);
    const [one] = await this.#measure({ namespace, fieldSelector: `metadata.name=${name}` });
    if (!one) throw notFound(podMetrics, name);
    return one;
  }

  /** Selectors choose Pods. Nothing is kept, so there is no revision and there are no pages. */
  async list({ limit: _, continue: _c, exact: _e, ...selection }: StorageListOptions): Promise<ObjectList> {
    return { items: await this.#measure(selection), metadata: { resourceVersion: "" } };
  }

  async #measure(selection: ListOptions): Promise<Stored[]> {
    const { items } = await this.#instances.list(selection);
    const labels = new Map(items.map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata.labels]));
    const measured = await this.#usage.of(items as Stored<Instance>[]);
    return measured.map((one) => metricsOf(one, labels.get(`${one.metadata.namespace}/${one.metadata.name}`)));
  }
}

function metricsOf(
  { metadata, timestamp, window, usage }: InstanceUsage,
  labels: Stored["metadata"]["labels"],
): Stored {
  return {
    kind: podMetrics.kind,
    apiVersion: apiVersionOf(podMetrics),
    metadata: { ...metadata, creationTimestamp: timestamp, ...(labels && { labels }) },
    timestamp,
    window,
    containers: [{ name: mainContainer, usage: resourceUsage(usage.cpu, usage.memoryBytes) }],
  } as unknown as Stored;
}
