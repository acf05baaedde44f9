import type { KubeObject } from "./object.ts";
import type { Resource } from "./scheme.ts";

/** What the process tree of one Instance uses now, as `PodMetrics` of `metrics.k8s.io`. It is measured when somebody asks, and never stored. */
export interface InstanceMetrics extends KubeObject {
  kind: "InstanceMetrics";
  /** RFC 3339. */
  timestamp: string;
  /** A Go duration: what `usage.cpu` is averaged over. */
  window: string;
  usage: Usage;
}

export interface Usage {
  cpuSeconds: number;
  /** Processors in use, the mean over `window`. */
  cpu: number;
  memoryBytes: number;
  handles: number;
  processes: number;
  /** These three only where the node's system tells them. */
  privateBytes?: number;
  threads?: number;
  tree?: readonly { pid: number; parent: number; image: string; cpuSeconds: number; memoryBytes: number }[];
}

export const instanceMetrics: Resource<InstanceMetrics> = {
  group: "metrics.wctl.dev",
  version: "v1",
  kind: "InstanceMetrics",
  plural: "instances",
  singular: "instance",
  shortNames: [],
  categories: [],
  namespaced: true,
  subresources: [],
};
