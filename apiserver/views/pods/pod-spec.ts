import { portsOf } from "../../../api/instance-ports.ts";
import { mainContainer } from "../../../api/pods.ts";
import type {
  Container,
  ContainerEnv,
  ContainerProbe,
  EnvVar,
  InstanceSpec,
  PodSpec,
  Probe,
} from "../../../api/types.generated.ts";

const DEFAULT_GRACE_SECONDS = 30;

/** What is wanted of an Instance, in the words of a Pod. References to Secrets stay references. */
export function podSpecOf(spec: InstanceSpec): PodSpec {
  return {
    containers: [containerOf(spec)],
    nodeName: spec.nodeName,
    restartPolicy: spec.restartPolicy ?? "Always",
    terminationGracePeriodSeconds: spec.stop?.gracePeriodSeconds ?? DEFAULT_GRACE_SECONDS,
    hostNetwork: true,
    securityContext: {},
  };
}

/** The command stands where an image would: clients show it as what runs. */
function containerOf(spec: InstanceSpec): Container {
  const { command, args, workingDir, env, envFrom, stop } = spec;
  const ports = containerPortsOf(spec);
  return {
    name: mainContainer,
    image: command,
    imagePullPolicy: "Never",
    command: [command],
    ...(args && { args }),
    ...(workingDir !== undefined && { workingDir }),
    ...(env && { env: env.map(containerEnvOf) }),
    ...(envFrom && { envFrom }),
    ...(ports.length > 0 && { ports }),
    resources: resourcesOf(spec),
    ...(spec.startupProbe && { startupProbe: containerProbeOf(spec.startupProbe) }),
    ...(spec.readinessProbe && { readinessProbe: containerProbeOf(spec.readinessProbe) }),
    ...(spec.livenessProbe && { livenessProbe: containerProbeOf(spec.livenessProbe) }),
    ...(stop?.preStop && { lifecycle: { preStop: stop.preStop } }),
  };
}

function containerEnvOf({ valueFrom, ...literal }: EnvVar): ContainerEnv {
  if (!valueFrom) return literal;
  const { fieldRef, ...others } = valueFrom;
  return {
    ...literal,
    valueFrom: { ...others, ...(fieldRef && { fieldRef: { apiVersion: "v1", fieldPath: fieldRef.fieldPath } }) },
  };
}

function containerPortsOf(spec: InstanceSpec): NonNullable<Container["ports"]> {
  const protocols = new Map((spec.ports ?? []).map(({ name, protocol = "TCP" }) => [name, protocol]));
  return portsOf(spec).map(({ name, port }) => ({
    name,
    containerPort: port,
    hostPort: port,
    protocol: protocols.get(name)!,
  }));
}

/** As in Kubernetes a limit without a request is the request too. */
function resourcesOf({ resources: { limits: { cpu, memory } = {} } = {} }: InstanceSpec): Container["resources"] {
  const limits = {
    ...(cpu !== undefined && { cpu: String(cpu) }),
    ...(memory !== undefined && { memory: String(memory) }),
  };
  return Object.keys(limits).length > 0 ? { limits, requests: limits } : {};
}

function containerProbeOf({ httpGet, ...rest }: Probe): ContainerProbe {
  if (!httpGet) return rest;
  const { httpHeaders, ...question } = httpGet;
  const headers = httpHeaders?.map(({ name, value = "" }) => ({ name, value }));
  return { ...rest, httpGet: { ...question, ...(headers && { httpHeaders: headers }) } };
}
