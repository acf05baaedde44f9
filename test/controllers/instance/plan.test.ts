import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { plan } from "../../../controllers/instance/plan.ts";
import type { Situation } from "../../../controllers/instance/situation.ts";
import type { WorkerState } from "../../../controllers/instance/state/worker-state.ts";
import type { ProcessState } from "../../../runtime/runtime.ts";

const at = "2030-01-01T00:00:00.000Z";
const instance = (
  metadata: Partial<Instance["metadata"]> = {},
  spec: Partial<Instance["spec"]> = {},
): Stored<Instance> => ({
  apiVersion: "wctl.dev/v1",
  kind: "Instance",
  metadata: {
    name: "web-0",
    namespace: "default",
    uid: "u1",
    resourceVersion: "7",
    creationTimestamp: at,
    generation: 1,
    ...metadata,
  },
  spec: { command: "/bin/web", nodeName: "n", index: 0, revision: "web-1", processName: "web", ...spec },
});
const fresh: WorkerState = { run: 0, restarts: 0, failures: 0, judgedRun: 0 };
const process = (more: Partial<ProcessState> = {}): ProcessState => ({
  uid: "u1",
  label: "default/web-0",
  run: 1,
  pid: 42,
  creationTime: "9",
  startedAt: at,
  phase: "running",
  treeAlive: true,
  adopted: false,
  limits: {},
  unenforced: [],
  ...more,
});
const exited = process({ phase: "exited", treeAlive: false, exit: { code: 1, finishedAt: at } });
const probed = { run: 1, started: true, ready: true };
const situation = (more: Partial<Situation>): Situation => ({
  instance: instance(),
  mode: "running",
  worker: fresh,
  dependants: [],
  reload: {},
  defaultStopSignal: "SIGTERM",
  now: 0,
  ...more,
});
const deleted = instance({ deletionTimestamp: at });
const waiting: WorkerState = {
  ...fresh,
  run: 1,
  judgedRun: 1,
  failures: 2,
  retryAt: 5_000,
  verdict: { kind: "restart", delayMs: 5_000, failures: 2, rule: "BackOff" },
};
const finished: WorkerState = {
  ...fresh,
  run: 1,
  judgedRun: 1,
  verdict: { kind: "finished", succeeded: true, rule: "Completed" },
};

const suspended = instance({}, { suspend: true });

/** situation -> rule, steps, wait. Read it aloud. */
const table: [string, Partial<Situation>, string, string[], number?][] = [
  ["wanted and never started", {}, "Start", ["start"]],
  ["wanted, an earlier copy still lives", { orphan: 7 }, "WaitingForOrphan", []],
  ["to be stopped, and running", { instance: suspended, process: process() }, "Stop", ["stop"]],
  [
    "to be stopped, with dependants that are ending too",
    { instance: suspended, process: process(), dependants: ["app-0"] },
    "WaitingForDependants",
    [],
  ],
  ["stopped before it ever ran", { instance: suspended }, "Suspended", []],
  [
    "stopped while it waited",
    { instance: suspended, process: exited, worker: waiting },
    "Suspended",
    ["reset-failures"],
  ],
  ["stopped when it had finished", { instance: suspended, process: exited, worker: finished }, "Completed", []],
  [
    "wanted again, while an earlier daemon was stopping it",
    { process: process(), probes: probed, worker: { ...fresh, run: 1, interruption: "Suspended" } },
    "Suspended",
    ["stop"],
  ],
  ["running, not probed yet", { process: process() }, "KeepRunning", ["probe"]],
  ["running and probed", { process: process(), probes: probed }, "KeepRunning", []],
  ["probed in an earlier run only", { process: process({ run: 2 }), probes: probed }, "KeepRunning", ["probe"]],
  ["ended, its tree lives on", { process: { ...exited, treeAlive: true } }, "EndLeftovers", ["end-leftovers"]],
  ["ended, due now", { process: exited, worker: { ...waiting, retryAt: 0 } }, "RestartNow", ["start"]],
  ["ended, waiting", { process: exited, worker: waiting, now: 2_000 }, "BackOff", [], 3_000],
  ["finished", { process: exited, worker: finished }, "Completed", []],
  ["finished, nothing left of the record", { worker: finished }, "Completed", []],
  [
    "liveness failed",
    { process: process(), probes: { ...probed, restart: { kind: "liveness", message: "500" } } },
    "LivenessFailed",
    ["stop"],
  ],
  [
    "startup failed",
    { process: process(), probes: { ...probed, restart: { kind: "startup", message: "500" } } },
    "StartupFailed",
    ["stop"],
  ],
  [
    "a failure of an earlier run",
    { process: process({ run: 2 }), probes: { ...probed, restart: { kind: "liveness", message: "" } } },
    "KeepRunning",
    ["probe"],
  ],
  ["deleted while running", { instance: deleted, process: process() }, "Stop", ["stop"]],
  [
    "deleted while only its tree lives",
    { instance: deleted, process: { ...exited, treeAlive: true } },
    "Stop",
    ["stop"],
  ],
  [
    "deleted, dependants alive",
    { instance: deleted, process: process(), dependants: ["app-0"], stabilizationMs: 200 },
    "WaitingForDependants",
    [],
    200,
  ],
  [
    "deleted, being stopped",
    {
      instance: deleted,
      process: process(),
      stop: { phase: "stopping", stage: "Signal", deadline: 20_000 },
      now: 2_000,
    },
    "Stopping",
    [],
  ],
  [
    "deleted again, with less patience",
    {
      instance: instance({ deletionTimestamp: at, deletionGracePeriodSeconds: 5 }),
      process: process(),
      stop: { phase: "stopping", stage: "Signal", deadline: 20_000 },
      now: 2_000,
    },
    "Stopping",
    ["shorten-grace"],
  ],
  [
    "deleted with more patience than its restart has",
    {
      instance: instance({ deletionTimestamp: at, deletionGracePeriodSeconds: 90 }),
      process: process(),
      stop: { phase: "stopping", stage: "Signal", deadline: 20_000 },
    },
    "Stopping",
    [],
  ],
  [
    "daemon stopping, a patient deletion under way",
    {
      mode: "stopping",
      stopWithinMs: 90_000,
      instance: instance({ deletionTimestamp: at, deletionGracePeriodSeconds: 600 }),
      process: process(),
      stop: { phase: "stopping", stage: "Signal", deadline: 600_000 },
    },
    "Stopping",
    ["shorten-grace"],
  ],
  [
    "daemon stopping, its time nearly over",
    { mode: "stopping", stopWithinMs: 0, process: process(), dependants: ["app-0"] },
    "Stop",
    ["stop"],
  ],
  [
    "killed at once, dependants alive",
    {
      instance: instance({ deletionTimestamp: at, deletionGracePeriodSeconds: 0 }),
      process: process(),
      dependants: ["app-0"],
    },
    "Stop",
    ["stop"],
  ],
  [
    "an earlier daemon was ending it because of its probe",
    { process: process(), worker: { ...fresh, run: 1, interruption: "LivenessFailed" } },
    "LivenessFailed",
    ["stop"],
  ],
  [
    "deleted, could not be ended",
    { instance: deleted, process: process(), stop: { phase: "failed", message: "pid 42 survived" } },
    "StopFailed",
    [],
  ],
  ["deleted and gone", { instance: deleted, process: exited }, "Released", ["release"]],
  ["deleted before it began", { instance: deleted }, "Released", ["release"]],
  ["daemon stopping, running", { mode: "stopping", process: process() }, "Stop", ["stop"]],
  ["daemon stopping, never started", { mode: "stopping" }, "DaemonStopping", []],
  [
    "daemon stopping, ended",
    { mode: "stopping", process: exited, worker: { ...waiting, retryAt: 0 } },
    "DaemonStopping",
    [],
  ],
  ["paused, ended", { mode: "paused", process: exited, worker: { ...waiting, retryAt: 0 } }, "Paused", []],
  ["paused and deleted", { mode: "paused", instance: deleted, process: process() }, "Stop", ["stop"]],
  [
    "a reference is missing",
    { worker: { ...fresh, configError: 'secret "s" not found' } },
    "CreateConfigError",
    [],
    10_000,
  ],
];

describe("plan of one instance", () => {
  for (const [name, more, rule, steps, againMs] of table) {
    it(`${name}: ${rule}`, () => {
      const decided = plan(situation(more));
      assert.deepEqual([decided.rule, decided.steps.map((step) => step.do), decided.againMs], [rule, steps, againMs]);
    });
  }

  it("numbers each start above every earlier one", () => {
    assert.deepEqual(plan(situation({ process: exited, worker: { ...waiting, retryAt: 0, run: 4 } })).steps, [
      { do: "start", run: 5 },
    ]);
  });

  it("forgets earlier crashes once a run is long enough, and looks again when it will be", () => {
    const worker: WorkerState = { ...fresh, run: 2, failures: 3, startedMono: 1_000 };
    const early = plan(situation({ process: process(), probes: probed, worker, now: 400_000 }));
    assert.deepEqual([early.steps, early.againMs], [[], 201_000]);
    assert.deepEqual(plan(situation({ process: process(), probes: probed, worker, now: 601_000 })).steps, [
      { do: "reset-failures" },
    ]);
  });

  it("stops by preStop, signal and kill, within the grace of the deletion when it names one", () => {
    const spec = { stop: { signal: "SIGINT", gracePeriodSeconds: 9, preStop: { exec: { command: ["/bin/drain"] } } } };
    const [step] = plan(
      situation({
        instance: instance({ deletionTimestamp: at, deletionGracePeriodSeconds: 2 }, spec),
        process: process(),
      }),
    ).steps;
    assert.deepEqual(step, {
      do: "stop",
      stages: [{ name: "PreStop", command: ["/bin/drain"] }, { name: "Signal", signal: "SIGINT" }, { name: "Kill" }],
      graceMs: 2_000,
      why: "Deleted",
      message: "it was deleted",
    });
  });

  it("tells of a probe that cannot be asked", () => {
    const probes = { ...probed, errored: { kind: "liveness", message: "command not found" } } as const;
    assert.match(
      plan(situation({ process: process(), probes })).message,
      /^wanted and running as pid 42; its liveness probe cannot be asked: command not found$/,
    );
  });

  it("says the same sentence at every look while it waits", () => {
    const messages = [0, 1_500, 4_999].map((now) => plan(situation({ process: exited, worker: waiting, now })).message);
    assert.equal(new Set(messages).size, 1);
    assert.match(messages[0] ?? "", /^waiting 5s before restart 1 /);
  });
});
