import type { EnvVar, FileSpec, PortSpec, Probe, ProcessTemplate } from "../../../api/types.generated.ts";
import { limitText } from "./account-and-limits.ts";
import { commandLine } from "./command-line.ts";
import { type Entry, labelledLines } from "./labelled-lines.ts";

/** What is to be run, and how: the part that a Process and its Instances have in common. */
export const templateEntries = (spec: ProcessTemplate): Entry[] => [
  ["Command", commandLine(spec)],
  ["Working Dir", spec.workingDir],
  ["Run As", spec.runAs?.account],
  ["Environment", [...(spec.env ?? []).map(envLine), ...(spec.envFrom ?? []).map(envFromLine)]],
  ["Env Files", spec.envFile?.map(({ path, optional }) => (optional ? `${path} (optional)` : path))],
  ["Files", spec.files?.map(fileLine)],
  ["Ports", spec.ports?.map(portLine)],
  ["Restart Policy", restartText(spec)],
  ["Startup Probe", probeText(spec.startupProbe)],
  ["Readiness Probe", probeText(spec.readinessProbe)],
  ["Liveness Probe", probeText(spec.livenessProbe)],
  ["Limits", labelledLines(limitEntries(spec))],
  ["Priority", spec.resources?.priorityClass],
  ["Affinity", spec.resources?.affinity],
  ["Stop", stopText(spec)],
  ["Depends On", spec.dependsOn?.map(({ name, condition }) => `${name} (${condition ?? "Ready"})`).join(", ")],
];

const portLine = ({ name, port, perInstance, protocol = "TCP" }: PortSpec): string =>
  `${name}:  ${port ?? "<given to each copy>"}${perInstance ? " + index" : ""}/${protocol}`;

const limitEntries = ({ resources }: ProcessTemplate): Entry[] =>
  Object.entries(resources?.limits ?? {}).map(([name, value]) => [name, limitText(name, value)]);

/** References are named, never followed: a secret's value is not shown. */
function envLine({ name, value, valueFrom }: EnvVar): string {
  if (valueFrom?.secretKeyRef)
    return `${name}:  <key ${valueFrom.secretKeyRef.key} of secret ${valueFrom.secretKeyRef.name}>`;
  if (valueFrom?.configMapKeyRef) {
    return `${name}:  <key ${valueFrom.configMapKeyRef.key} of configmap ${valueFrom.configMapKeyRef.name}>`;
  }
  if (valueFrom?.fieldRef) return `${name}:  <field ${valueFrom.fieldRef.fieldPath}>`;
  return `${name}:  ${value ?? ""}`;
}

const envFromLine = (from: NonNullable<ProcessTemplate["envFrom"]>[number]): string =>
  from.secretRef ? `<all keys of secret ${from.secretRef.name}>` : `<all keys of configmap ${from.configMapRef?.name}>`;

const fileLine = ({ path, configMapRef, secretRef }: FileSpec): string =>
  secretRef
    ? `${path}:  <key ${secretRef.key} of secret ${secretRef.name}>`
    : `${path}:  <key ${configMapRef?.key} of configmap ${configMapRef?.name}>`;

function restartText({ restartPolicy, backoff }: ProcessTemplate): string | undefined {
  if (!restartPolicy) return undefined;
  if (restartPolicy === "Never" || !backoff) return restartPolicy;
  const { initialSeconds = 1, factor = 2, maxSeconds = 300 } = backoff;
  return `${restartPolicy} (delays ${initialSeconds}s, times ${factor}, at most ${maxSeconds}s)`;
}

function stopText({ stop }: ProcessTemplate): string | undefined {
  if (!stop) return undefined;
  const preStop = stop.preStop ? `${stop.preStop.exec.command.join(" ")}, then ` : "";
  return `${preStop}${stop.signal ?? "the default signal"}, then kill after ${stop.gracePeriodSeconds ?? 30}s`;
}

/** As `kubectl describe` writes probes. */
function probeText(probe: Probe | undefined): string | undefined {
  if (!probe) return undefined;
  const {
    initialDelaySeconds = 0,
    timeoutSeconds = 1,
    periodSeconds = 10,
    successThreshold = 1,
    failureThreshold = 3,
  } = probe;
  return `${targetText(probe)} delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s #success=${successThreshold} #failure=${failureThreshold}`;
}

function targetText({ httpGet, tcpSocket, exec }: Probe): string {
  if (httpGet) {
    const { scheme = "HTTP", host = "", port, path = "/" } = httpGet;
    return `http-get ${scheme.toLowerCase()}://${host}:${port}${path}`;
  }
  return tcpSocket ? `tcp-socket ${tcpSocket.host ?? ""}:${tcpSocket.port}` : `exec [${exec?.command.join(" ")}]`;
}
