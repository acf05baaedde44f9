import type { Client } from "../../../../api/client.ts";
import { type InstanceMetrics, instanceMetrics } from "../../../../api/metrics.ts";
import { controllerOf, keyOf, type Stored } from "../../../../api/object.ts";
import { instances, wellKnown } from "../../../../api/scheme.ts";

/** What each running Instance uses, with the labels of the Instance and the name of its Process. Without a namespace: of all. */
export async function metricsOfInstances(
  client: Client,
  namespace: string | undefined,
  labelSelector: string | undefined,
  signal: AbortSignal,
): Promise<Stored<InstanceMetrics>[]> {
  const scope = { ...(namespace === undefined ? {} : { namespace }), signal };
  const [measured, known] = await Promise.all([
    client.list(instanceMetrics, scope),
    client.list(instances, { ...scope, ...(labelSelector ? { labelSelector } : {}) }),
  ]);
  const byKey = new Map(known.items.map((instance) => [keyOf(instance), instance]));
  return measured.items.flatMap((item) => {
    const instance = byKey.get(keyOf(item));
    if (!instance) return [];
    const owner = controllerOf(instance)?.name;
    const labels = { ...(owner ? { [wellKnown.processLabel]: owner } : {}), ...instance.metadata.labels };
    return [{ ...item, metadata: { ...item.metadata, labels } }];
  });
}
