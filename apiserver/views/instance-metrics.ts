import { notFound } from "../../api/errors.ts";
import type { Stored } from "../../api/object.ts";
import { instances, type Resource } from "../../api/scheme.ts";
import type { Instance } from "../../api/types.generated.ts";
import type { Registry } from "../registry/registry.ts";

/** The API server must show what processes use but never sees one: the daemon hands this in. */
export interface UsageSource {
  /** One entry for each Instance that lives; others are left out. */
  of(instances: readonly Stored<Instance>[]): Promise<InstanceMetrics[]>;
}

/** As `metrics.k8s.io` is for Pods. `cpu` is in processors, averaged over `window` (a Go duration). */
export interface InstanceMetrics {
  metadata: { name: string; namespace: string };
  timestamp: string;
  window: string;
  usage: {
    cpuSeconds: number;
    cpu: number;
    memoryBytes: number;
    handles: number;
    processes: number;
    /** These three only where the node's system tells them. */
    privateBytes?: number;
    threads?: number;
    tree?: readonly { pid: number; parent: number; image: string; cpuSeconds: number; memoryBytes: number }[];
  };
}

const apiVersion = "metrics.wctl.dev/v1";

/** `/apis/metrics.wctl.dev/v1[/namespaces/NS]/instances[/NAME]`; undefined for every other path. */
export async function instanceMetrics(
  segments: readonly string[],
  query: URLSearchParams,
  { registry, usage }: { registry: Registry; usage: UsageSource },
): Promise<object | undefined> {
  const [apis, group, version, ...rest] = segments;
  if (apis !== "apis" || `${group}/${version}` !== apiVersion) return undefined;
  const scoped = rest[0] === "namespaces";
  const [plural, name, ...more] = scoped ? rest.slice(2) : rest;
  if (plural !== "instances" || more.length > 0 || (name !== undefined && !scoped)) return undefined;
  const labelSelector = query.get("labelSelector");
  const { items } = registry.list(instances as unknown as Resource, {
    ...(scoped && rest[1] !== undefined ? { namespace: rest[1] } : {}),
    ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
    ...(labelSelector ? { labelSelector } : {}),
  });
  const measured = await usage.of(items as Stored<Instance>[]);
  if (name === undefined) return { kind: "InstanceMetricsList", apiVersion, metadata: {}, items: measured };
  const [one] = measured;
  if (!one) throw notFound({ group: "metrics.wctl.dev", plural: "instances", kind: "InstanceMetrics" }, name);
  return { kind: "InstanceMetrics", apiVersion, ...one };
}
