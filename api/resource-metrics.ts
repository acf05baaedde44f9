import type { KubeObject } from "./object.ts";
import type { Resource } from "./scheme.ts";

/** Quantities, as `metrics.k8s.io` has them: nanocores, and KiB. */
export interface ResourceUsage {
  cpu: string;
  memory: string;
}

/** Of `metrics.k8s.io`, which `kubectl top` reads. It is measured when somebody asks, and never stored. */
export interface PodMetrics extends KubeObject {
  kind: "PodMetrics";
  /** RFC 3339: the end of the window. */
  timestamp: string;
  /** A Go duration: what `usage.cpu` is averaged over. */
  window: string;
  containers: { name: string; usage: ResourceUsage }[];
}

export interface NodeMetrics extends KubeObject {
  kind: "NodeMetrics";
  timestamp: string;
  window: string;
  usage: ResourceUsage;
}

const measured = { group: "metrics.k8s.io", version: "v1beta1", shortNames: [], categories: [], subresources: [] };

export const podMetrics: Resource<PodMetrics> = {
  ...measured,
  kind: "PodMetrics",
  plural: "pods",
  singular: "",
  namespaced: true,
};

export const nodeMetrics: Resource<NodeMetrics> = {
  ...measured,
  kind: "NodeMetrics",
  plural: "nodes",
  singular: "",
  namespaced: false,
};

export const resourceUsage = (cpu: number, memoryBytes: number): ResourceUsage => ({
  cpu: `${Math.round(cpu * 1e9)}n`,
  memory: `${Math.ceil(memoryBytes / 1024)}Ki`,
});
