import type { HttpClient } from "../../../../api/http/http-client.ts";
import { instances, wellKnown } from "../../../../api/scheme.ts";

/** One item of `InstanceMetricsList` (`/apis/metrics.wctl.dev/v1`). */
export interface InstanceMetrics {
  metadata: { name: string; namespace: string; labels?: Record<string, string> };
  timestamp: string;
  window: string;
  usage: Usage;
}

export interface Usage {
  /** Cores in use, the mean over `window`. */
  cpu: number;
  memoryBytes: number;
  handles: number;
  processes: number;
}

/** What each running Instance uses, with the labels of the Instance. Without a namespace: of all. */
export async function instanceMetrics(
  client: HttpClient,
  namespace: string | undefined,
  labelSelector: string | undefined,
  signal: AbortSignal,
): Promise<InstanceMetrics[]> {
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  const selection = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector ? { labelSelector } : {}),
  };
  const [measured, known] = await Promise.all([
    client.raw("GET", `/apis/metrics.wctl.dev/v1${scope}/instances`, { signal }),
    client.list(instances, { ...selection, signal }),
  ]);
  const labels = new Map(known.items.map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata]));
  const { items } = JSON.parse(measured) as { items: InstanceMetrics[] };
  return items.flatMap((item) => {
    const instance = labels.get(`${item.metadata.namespace}/${item.metadata.name}`);
    const owner = instance?.ownerReferences?.find((reference) => reference.controller)?.name;
    if (!instance) return [];
    const withOwner = { ...(owner ? { [wellKnown.processLabel]: owner } : {}), ...instance.labels };
    return [{ ...item, metadata: { ...item.metadata, labels: withOwner } }];
  });
}
