import type { JsonObject } from "../../lib/json-object.ts";
import { metaPackage } from "./component-name.ts";
import { typeMeta } from "./meta-components.ts";
import { flag, listOf, mapOf, mergedBy, object, ref, text, time, whole } from "./schema-words.ts";

const core = (name: string): string => `io.k8s.api.core.v1.${name}`;
const quantity = { "x-kubernetes-int-or-string": true };
const portOf = (description: string): JsonObject => ({ "x-kubernetes-int-or-string": true, description });

/** One key of an object of the same namespace. */
const keyOf = (what: string): JsonObject =>
  object(`A key of a ${what}.`, {
    key: text("Which of its keys."),
    name: text(`The ${what}, of the same namespace.`),
    optional: flag("True: without it the variable is left out."),
  });

const wholeOf = (what: string): JsonObject =>
  object(`A ${what}: its keys become names of variables.`, {
    name: text(`The ${what}, of the same namespace.`),
    optional: flag("True: without it nothing comes of it."),
  });

const containerComponents: Record<string, JsonObject> = {
  Container: object("The program.", {
    name: text("Always `main`."),
    image: text("The command: there are no images."),
    imagePullPolicy: text("Never: there are no images."),
    command: listOf({ type: "string" }, "The program."),
    args: listOf({ type: "string" }, "Its arguments."),
    workingDir: text("Where it runs."),
    env: mergedBy("name", listOf({ $ref: core("EnvVar") }, "Environment variables.")),
    envFrom: listOf({ $ref: core("EnvFromSource") }, "Every key of these becomes a variable."),
    ports: mergedBy("containerPort", listOf({ $ref: core("ContainerPort") }, "The numbers that this copy was given.")),
    resources: ref(core("ResourceRequirements"), "What it may use."),
    startupProbe: ref(core("Probe"), "Until it succeeds the program is starting."),
    readinessProbe: ref(core("Probe"), "Whether the program can serve."),
    livenessProbe: ref(core("Probe"), "Whether the program is still sound."),
    lifecycle: ref(core("Lifecycle"), "What is done before it is stopped."),
  }),
  ContainerPort: object("A port.", {
    name: text("As in `spec.ports` of the Process."),
    containerPort: whole("Its number."),
    hostPort: whole("The same: programs share the addresses of their node."),
    protocol: text("TCP or UDP."),
  }),
  EnvVar: object("An environment variable.", {
    name: text("Its name."),
    value: text("Its value."),
    valueFrom: ref(core("EnvVarSource"), "Where the value comes from."),
  }),
  EnvVarSource: object("Exactly one source.", {
    configMapKeyRef: ref(core("ConfigMapKeySelector"), "A key of a ConfigMap."),
    secretKeyRef: ref(core("SecretKeySelector"), "A key of a Secret."),
    fieldRef: ref(core("ObjectFieldSelector"), "Something of the Instance itself."),
  }),
  ConfigMapKeySelector: keyOf("ConfigMap"),
  SecretKeySelector: keyOf("Secret"),
  ObjectFieldSelector: object("A field of an object.", {
    apiVersion: text("How the path is meant."),
    fieldPath: text("Which field."),
  }),
  EnvFromSource: object("Variables from all keys of an object.", {
    prefix: text("Put before each key."),
    configMapRef: ref(core("ConfigMapEnvSource"), "A ConfigMap."),
    secretRef: ref(core("SecretEnvSource"), "A Secret."),
  }),
  ConfigMapEnvSource: wholeOf("ConfigMap"),
  SecretEnvSource: wholeOf("Secret"),
  ResourceRequirements: object("What a program may use.", {
    limits: mapOf(quantity, "At most: `cpu`, `memory`."),
    requests: mapOf(quantity, "The same as the limits."),
  }),
  Probe: object("A question that is asked again and again.", {
    httpGet: ref(core("HTTPGetAction"), "Healthy when the answer is 200 to 399."),
    tcpSocket: ref(core("TCPSocketAction"), "Healthy when the port can be opened."),
    exec: ref(core("ExecAction"), "Healthy when the command exits with 0."),
    initialDelaySeconds: whole("Seconds to the first question."),
    periodSeconds: whole("Seconds from one question to the next."),
    timeoutSeconds: whole("Seconds to answer in."),
    successThreshold: whole("Successes in a row that count."),
    failureThreshold: whole("Failures in a row that count."),
  }),
  HTTPGetAction: object("A request by HTTP.", {
    host: text("Default: 127.0.0.1."),
    port: portOf("A number, or the name of one of ports."),
    path: text("Path and query."),
    scheme: text("HTTP or HTTPS."),
    httpHeaders: listOf({ $ref: core("HTTPHeader") }, "Sent with each question."),
  }),
  HTTPHeader: object("A header.", { name: text("Its name."), value: text("Its value; empty where a Secret has it.") }),
  TCPSocketAction: object("A port that is opened.", {
    host: text("Default: 127.0.0.1."),
    port: portOf("A number, or the name of one of ports."),
  }),
  ExecAction: object("A command.", { command: listOf({ type: "string" }, "The program and its arguments.") }),
  Lifecycle: object("What is done at the ends of a life.", {
    preStop: ref(core("LifecycleHandler"), "Before it is stopped."),
  }),
  LifecycleHandler: object("What is done.", { exec: ref(core("ExecAction"), "A command.") }),
};

const statusComponents: Record<string, JsonObject> = {
  PodStatus: object("What was observed.", {
    phase: text("Pending, Running, Succeeded or Failed."),
    conditions: mergedBy("type", listOf({ $ref: core("PodCondition") }, "What is true of it now.")),
    hostIP: text("Of its node."),
    hostIPs: listOf({ $ref: core("HostIP") }, "The same."),
    podIP: text("Of its node: programs share its addresses."),
    podIPs: mergedBy("ip", listOf({ $ref: core("PodIP") }, "The same.")),
    startTime: time("Since when it is there."),
    containerStatuses: listOf({ $ref: core("ContainerStatus") }, "How the program is."),
    qosClass: text("Guaranteed, Burstable or BestEffort."),
  }),
  HostIP: object("An address.", { ip: text("The address.") }, ["ip"]),
  PodIP: object("An address.", { ip: text("The address.") }, ["ip"]),
  PodCondition: object("What is true of a Pod.", {
    type: text("PodScheduled, Initialized, ContainersReady or Ready."),
    status: text("True or False."),
    reason: text("One word for programs."),
    message: text("A sentence for people."),
    lastProbeTime: { ...time("Not written."), nullable: true },
    lastTransitionTime: time("When `status` changed last."),
  }),
  ContainerStatus: object("How a program is.", {
    name: text("Always `main`."),
    ready: flag("It is ready."),
    started: flag("Its startup probe has succeeded."),
    restartCount: whole("How often it was started again."),
    image: text("The command."),
    imageID: text("Empty: there are no images."),
    containerID: text("`wctl://UID-RUN`: of the present run."),
    state: ref(core("ContainerState"), "How the present run is."),
    lastState: ref(core("ContainerState"), "How the run before ended."),
  }),
  ContainerState: object("At most one of three.", {
    waiting: ref(core("ContainerStateWaiting"), "It does not run."),
    running: ref(core("ContainerStateRunning"), "It runs."),
    terminated: ref(core("ContainerStateTerminated"), "It has ended."),
  }),
  ContainerStateWaiting: object("It does not run.", { reason: text("One word."), message: text("A sentence.") }),
  ContainerStateRunning: object("It runs.", { startedAt: time("Since when.") }),
  ContainerStateTerminated: object("It has ended.", {
    exitCode: whole("As a number of 32 bits with a sign."),
    signal: whole("The signal that ended it."),
    reason: text("One word."),
    message: text("A sentence."),
    startedAt: time("When the run began."),
    finishedAt: time("When it ended."),
    containerID: text("`wctl://UID-RUN`."),
  }),
};

/** What a Pod is here: an Instance in Kubernetes' words (`api/pods.ts`). */
const pod: Record<string, JsonObject> = {
  Pod: {
    ...object(
      "A running copy of a Process, as Kubernetes would show it. It can be read and deleted; its Process is what is written.",
      {
        ...typeMeta,
        metadata: ref(`${metaPackage}.ObjectMeta`, "Those of the Instance."),
        spec: ref(core("PodSpec"), "What is to run."),
        status: ref(core("PodStatus"), "What was observed."),
      },
    ),
    "x-kubernetes-group-version-kind": [{ group: "", version: "v1", kind: "Pod" }],
  },
  PodSpec: object("What is to run.", {
    containers: mergedBy("name", listOf({ $ref: core("Container") }, "One: `main`.")),
    nodeName: text("The node that runs it."),
    restartPolicy: text("Always, OnFailure or Never."),
    terminationGracePeriodSeconds: whole("Seconds in which it must have ended."),
    hostNetwork: flag("True: programs share the addresses of their node."),
  }),
  ...containerComponents,
  ...statusComponents,
};

export const podComponents: Readonly<Record<string, JsonObject>> = Object.fromEntries(
  Object.entries(pod).map(([name, component]) => [core(name), component]),
);
