import { badRequest } from "./errors.ts";
import type { KubeObject } from "./object.ts";
import type { Resource } from "./scheme.ts";
import type { EnvVar, Probe, ProcessSpec } from "./types.generated.ts";

/** The one container of every Pod. */
export const mainContainer = "main";

/** Throws BadRequest for another container, in the words of the real server. Without a name the only one is meant. */
export function assertMainContainer(container: string | null, pod: string): void {
  if (container === null || container === "" || container === mainContainer) return;
  throw badRequest(`container ${container.slice(0, 200)} is not valid for pod ${pod}`);
}

/** An Instance as clients of Kubernetes know it: the part of core/v1 Pod that has a meaning here. It is worked out when somebody asks, and never stored. */
export interface Pod extends KubeObject {
  apiVersion: "v1";
  kind: "Pod";
  spec: PodSpec;
  status: PodStatus;
}

export const pods: Resource<Pod> = {
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  singular: "pod",
  shortNames: ["po"],
  categories: [], // Not `all`: the same copies are there as instances.
  namespaced: true,
  subresources: ["log", "exec"],
};

export interface PodSpec {
  containers: Container[];
  nodeName: string;
  restartPolicy: NonNullable<ProcessSpec["restartPolicy"]>;
  terminationGracePeriodSeconds: number;
  hostNetwork: true;
  /** Every Pod of Kubernetes has one, also when it says nothing; there are clients that end when it is not there. */
  securityContext: object;
}

export interface Container {
  name: string;
  image: string;
  imagePullPolicy: "Never";
  command: string[];
  args?: string[];
  workingDir?: string;
  env?: ContainerEnv[];
  envFrom?: NonNullable<ProcessSpec["envFrom"]>;
  ports?: { name: string; containerPort: number; hostPort: number; protocol: string }[];
  resources: { limits?: Record<string, string>; requests?: Record<string, string> };
  startupProbe?: ContainerProbe;
  readinessProbe?: ContainerProbe;
  livenessProbe?: ContainerProbe;
  lifecycle?: { preStop: NonNullable<NonNullable<ProcessSpec["stop"]>["preStop"]> };
}

/** `apiVersion` is what Kubernetes has beside a `fieldPath`. */
export type ContainerEnv = Omit<EnvVar, "valueFrom"> & {
  valueFrom?: Omit<NonNullable<EnvVar["valueFrom"]>, "fieldRef"> & {
    fieldRef?: { apiVersion: "v1"; fieldPath: string };
  };
};

/** Headers have values only: where a Secret has the value it is empty. */
export type ContainerProbe = Omit<Probe, "httpGet"> & {
  httpGet?: Omit<NonNullable<Probe["httpGet"]>, "httpHeaders"> & { httpHeaders?: { name: string; value: string }[] };
};

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed";

export interface PodStatus {
  phase: PodPhase;
  conditions: PodCondition[];
  /** Absent while the node has told none. Programs share the addresses of their node. */
  hostIP?: string;
  hostIPs?: { ip: string }[];
  podIP?: string;
  podIPs?: { ip: string }[];
  startTime: string;
  containerStatuses: ContainerStatus[];
  qosClass: "Guaranteed" | "Burstable" | "BestEffort";
}

export interface PodCondition {
  type: "PodScheduled" | "Initialized" | "ContainersReady" | "Ready";
  status: "True" | "False";
  lastProbeTime: null;
  lastTransitionTime: string;
  reason?: string;
  message?: string;
}

export interface ContainerStatus {
  name: string;
  state: ContainerState;
  lastState: ContainerState;
  ready: boolean;
  started: boolean;
  restartCount: number;
  image: string;
  /** Empty: there are no images. */
  imageID: string;
  /** `wctl://UID-RUN`; absent before the first run. */
  containerID?: string;
}

/** One of the three, or none. */
export interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: {
    /** 32 bits with a sign, as clients read it. */
    exitCode: number;
    signal?: number;
    reason: string;
    message?: string;
    startedAt?: string;
    finishedAt?: string;
    containerID?: string;
  };
}
