import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { Instance, InstanceSpec, InstanceStatus, Pod } from "../../../../api/types.generated.ts";
import { podColumns } from "../../../../apiserver/views/pods/pod-columns.ts";
import { podOf } from "../../../../apiserver/views/pods/pod-of.ts";

const created = "2030-01-01T00:00:00Z";
const now = new Date("2030-01-01T00:10:00Z");

function shown(status?: InstanceStatus, spec: Partial<InstanceSpec> = {}, metadata: object = {}): Stored<Pod> {
  const instance = {
    apiVersion: "wctl.dev/v1",
    kind: "Instance",
    metadata: {
      name: "web-0",
      namespace: "default",
      uid: "u1",
      resourceVersion: "7",
      creationTimestamp: created,
      generation: 3,
      labels: { app: "web" },
      managedFields: [{ manager: "x" }],
      ...metadata,
    },
    spec: { command: "/bin/web", nodeName: "pc1", index: 0, revision: "r1", ...spec },
    ...(status && { status }),
  };
  return podOf(instance as Stored<Instance>, "10.0.0.1");
}

const row = (pod: Stored<Pod>): unknown[] =>
  podColumns.map((column) => column.cell?.(pod, []) ?? column.cellNow?.(pod, now) ?? column.path);
const main = (pod: Stored<Pod>) => pod.status.containerStatuses[0]!;

const running = { running: { startedAt: "2030-01-01T00:00:01Z" } };
const ended = { exitCode: 3, reason: "Error", startedAt: "2030-01-01T00:00:01Z", finishedAt: "2030-01-01T00:09:00Z" };
const wait = (reason: string) => ({ waiting: { reason, message: "why" } });

describe("an Instance as a Pod", () => {
  it("is the same thing under another name", () => {
    const { metadata, ...pod } = shown();
    assert.deepEqual([pod.apiVersion, pod.kind], ["v1", "Pod"]);
    assert.deepEqual(metadata, {
      name: "web-0",
      namespace: "default",
      uid: "u1",
      resourceVersion: "7",
      creationTimestamp: created,
      labels: { app: "web" },
    });
  });

  for (const [says, status, phase, cells] of [
    ["nobody has looked at it", undefined, "Pending", ["0/1", "ContainerCreating", "0"]],
    [
      "it has not started",
      { phase: "Pending", state: wait("NotStarted") },
      "Pending",
      ["0/1", "ContainerCreating", "0"],
    ],
    [
      "its content is missing",
      { phase: "Pending", state: wait("CreateConfigError") },
      "Pending",
      ["0/1", "CreateConfigError", "0"],
    ],
    ["its startup probe waits", { phase: "Starting", state: running }, "Running", ["0/1", "Running", "0"]],
    ["it is not ready", { phase: "Running", state: running }, "Running", ["0/1", "Running", "0"]],
    ["it is ready", { phase: "Ready", ready: true, state: running }, "Running", ["1/1", "Running", "0"]],
    [
      "it crashes",
      { phase: "Backoff", restartCount: 2, state: wait("CrashLoopBackOff"), lastState: { terminated: ended } },
      "Running",
      ["0/1", "CrashLoopBackOff", "2 (60s ago)"],
    ],
    [
      "it never could start",
      { phase: "Backoff", state: wait("CommandNotFound") },
      "Pending",
      ["0/1", "CommandNotFound", "0"],
    ],
    ["it is kept stopped", { phase: "Stopped", state: wait("Suspended") }, "Pending", ["0/1", "Stopped", "0"]],
    ["it was stopped", { phase: "Stopped", state: { terminated: ended } }, "Pending", ["0/1", "Stopped", "0"]],
    [
      "it has succeeded",
      { phase: "Succeeded", state: { terminated: { exitCode: 0, reason: "Completed" } } },
      "Succeeded",
      ["0/1", "Completed", "0"],
    ],
    ["it has failed", { phase: "Failed", state: { terminated: ended } }, "Failed", ["0/1", "Error", "0"]],
  ] as const satisfies readonly (readonly [string, InstanceStatus | undefined, string, readonly string[]])[]) {
    it(`is ${phase} and shown as ${cells[1]} when ${says}`, () => {
      const pod = shown(status as InstanceStatus | undefined);
      assert.equal(pod.status.phase, phase);
      assert.deepEqual(row(pod).slice(0, 3), cells);
    });
  }

  it("has kubectl's rows", () => {
    assert.deepEqual(
      podColumns.map(({ name, priority = 0 }) => `${name} ${priority}`),
      ["Ready 0", "Status 0", "Restarts 0", "Age 0", "IP 1", "Node 1", "Nominated Node 1", "Readiness Gates 1"],
    );
    assert.deepEqual(row(shown()).slice(3), ["10m", "10.0.0.1", ".spec.nodeName", "<none>", "<none>"]);
    const deleting = { deletionTimestamp: "2030-01-01T00:09:00Z" };
    assert.equal(row(shown({ phase: "Ready", ready: true, state: running }, {}, deleting))[1], "Terminating");
    const over = { phase: "Failed", state: { terminated: ended } } as const;
    assert.equal(row(shown(over, {}, deleting))[1], "Error");
  });

  it("is Ready or not, since when, and why not", () => {
    const said = (status: "True" | "False", message: string) => [
      { type: "Ready", status, reason: "x", message, lastTransitionTime: "2030-01-01T00:05:00Z" },
    ];
    const conditionsOf = (pod: Stored<Pod>) =>
      Object.fromEntries(pod.status.conditions.map(({ type, lastProbeTime: _, ...rest }) => [type, rest]));
    const ready = conditionsOf(shown({ phase: "Ready", ready: true, state: running, conditions: said("True", "") }));
    assert.deepEqual(ready.PodScheduled, { status: "True", lastTransitionTime: created });
    assert.deepEqual(ready.Initialized, ready.PodScheduled);
    assert.deepEqual(ready.Ready, { status: "True", lastTransitionTime: "2030-01-01T00:05:00Z" });
    assert.deepEqual(ready.ContainersReady, ready.Ready);
    const unready = conditionsOf(
      shown({ phase: "Running", state: running, conditions: said("False", "its probe fails") }),
    );
    assert.deepEqual(unready.Ready, {
      status: "False",
      lastTransitionTime: "2030-01-01T00:05:00Z",
      reason: "ContainersNotReady",
      message: "its probe fails",
    });
    assert.equal(conditionsOf(shown({ phase: "Succeeded" })).Ready?.reason, "PodCompleted");
    assert.equal(conditionsOf(shown({ phase: "Failed" })).Ready?.reason, "PodFailed");
  });

  it("tells how a run ended in numbers that clients can read", () => {
    const terminated = (one: object) =>
      main(shown({ phase: "Failed", run: 4, state: { terminated: { reason: "x", ...one } } })).state.terminated;
    assert.equal(
      terminated({ exitCode: 3221225477 })?.exitCode,
      -1073741819,
      "0xC0000005 as a signed number of 32 bits",
    );
    assert.deepEqual(
      [terminated({ signal: "SIGKILL" })?.exitCode, terminated({ signal: "SIGKILL" })?.signal],
      [137, 9],
    );
    assert.equal(terminated({})?.exitCode, 137, "nobody saw it");
    assert.equal(terminated({ exitCode: 1 })?.containerID, "wctl://u1-4");
    const again = main(shown({ phase: "Ready", run: 4, state: running, lastState: { terminated: ended } }));
    assert.deepEqual([again.containerID, again.lastState.terminated?.containerID], ["wctl://u1-4", "wctl://u1-3"]);
    const before = main(shown({ phase: "Stopped", run: 4, state: { terminated: ended } }));
    assert.deepEqual(
      [before.lastState.terminated?.exitCode, before.lastState.terminated?.containerID],
      [3, "wctl://u1-4"],
    );
  });

  it("has one container, whose image is the command", () => {
    const keyRef = { name: "s", key: "k" };
    const { spec } = shown(undefined, {
      args: ["-v"],
      workingDir: "/srv",
      env: [
        { name: "A", value: "1" },
        { name: "S", valueFrom: { secretKeyRef: keyRef } },
        { name: "F", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      ],
      envFrom: [{ secretRef: { name: "all" } }],
      ports: [
        { name: "http", port: 80, perInstance: true },
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "later" },
      ],
      resources: { limits: { cpu: 0.5, memory: "64Mi" } },
      readinessProbe: {
        httpGet: {
          port: "http",
          path: "/",
          httpHeaders: [
            { name: "A", value: "1" },
            { name: "S", valueFrom: { secretKeyRef: keyRef } },
          ],
        },
        periodSeconds: 3,
      },
      livenessProbe: { exec: { command: ["/bin/ok"] } },
      stop: { gracePeriodSeconds: 5, preStop: { exec: { command: ["/bin/bye"] } } },
      restartPolicy: "OnFailure",
    });
    assert.deepEqual(spec, {
      containers: [
        {
          name: "main",
          image: "/bin/web",
          imagePullPolicy: "Never",
          command: ["/bin/web"],
          args: ["-v"],
          workingDir: "/srv",
          env: [
            { name: "A", value: "1" },
            { name: "S", valueFrom: { secretKeyRef: keyRef } },
            { name: "F", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } },
          ],
          envFrom: [{ secretRef: { name: "all" } }],
          ports: [
            { name: "http", containerPort: 80, hostPort: 80, protocol: "TCP" },
            { name: "dns", containerPort: 53, hostPort: 53, protocol: "UDP" },
          ],
          resources: { limits: { cpu: "0.5", memory: "64Mi" }, requests: { cpu: "0.5", memory: "64Mi" } },
          readinessProbe: {
            httpGet: {
              port: "http",
              path: "/",
              httpHeaders: [
                { name: "A", value: "1" },
                { name: "S", value: "" },
              ],
            },
            periodSeconds: 3,
          },
          livenessProbe: { exec: { command: ["/bin/ok"] } },
          lifecycle: { preStop: { exec: { command: ["/bin/bye"] } } },
        },
      ],
      nodeName: "pc1",
      restartPolicy: "OnFailure",
      terminationGracePeriodSeconds: 5,
      hostNetwork: true,
      securityContext: {},
    });
  });

  it("is classed by its limits", () => {
    const classOf = (limits: object) => shown(undefined, { resources: { limits } }).status.qosClass;
    assert.deepEqual([{}, { cpu: 1 }, { memory: "1Mi" }, { cpu: 1, memory: "1Mi" }].map(classOf), [
      "BestEffort",
      "Burstable",
      "Burstable",
      "Guaranteed",
    ]);
  });
});
