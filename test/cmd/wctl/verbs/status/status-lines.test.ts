import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../../api/object.ts";
import type { Instance, InstanceStatus, Process, ProcessStatus } from "../../../../../api/types.generated.ts";
import { painter } from "../../../../../cmd/wctl/text/colour.ts";
import { instanceBlock, processHead } from "../../../../../cmd/wctl/verbs/status/status-lines.ts";

const at = "2030-01-01T00:00:00Z";
const look = { now: new Date("2030-01-01T00:01:00Z"), paint: painter({ colours: false }) };
const metadata = { name: "web", namespace: "default", uid: "u", resourceVersion: "1", creationTimestamp: at };
const process = (status: ProcessStatus): Stored<Process> => ({
  apiVersion: "wctl.dev/v1",
  kind: "Process",
  metadata,
  spec: { command: "/bin/web", replicas: 2 },
  status,
});
const copy = (index: number, status: InstanceStatus): Stored<Instance> => ({
  apiVersion: "wctl.dev/v1",
  kind: "Instance",
  metadata: { ...metadata, name: `web-${index}` },
  spec: { command: "/bin/web", nodeName: "n", index, revision: "r", processName: "web" },
  status,
});
const crashed: InstanceStatus = {
  phase: "Backoff",
  run: 3,
  state: {
    waiting: {
      reason: "CrashLoopBackOff",
      message: "the last run ended: exit code 3",
      retryAt: "2030-01-01T00:01:09Z",
    },
  },
  lastState: { terminated: { reason: "Error", exitCode: 3, startedAt: at, finishedAt: "2030-01-01T00:00:02Z" } },
  decision: { rule: "BackOff", message: "waiting 4s before restart 3 (exit code 3)", time: at },
};
const failing: ProcessStatus = {
  phase: "CrashLoopBackOff",
  restartCount: 4,
  conditions: [
    { type: "Ready", status: "False", reason: "InstanceNotReady", message: "0 of 2 ready: …", lastTransitionTime: at },
  ],
};

describe("the status of a Process", () => {
  it("names the cause once, for all copies that share it, and what to do", () => {
    const facts = [0, 1].map((index) => ({ instance: copy(index, crashed), output: [] }));
    const lines = processHead(process(failing), facts, look);
    assert.deepEqual(lines, [
      "process/web: CrashLoopBackOff",
      "  Program:   /bin/web",
      "  Ready:     0 of 2, since 2030-01-01T00:00:00Z (60s)",
      "  Restarts:  4",
      "  Cause:     web-0, web-1: exited with code 3",
      "  Advice:    its output tells more: wctl logs, and once it runs again wctl logs -p",
    ]);
    const block = instanceBlock({ facts: facts[0]!, usage: undefined, tail: ["no config"] }, false, look);
    assert.deepEqual(block, [
      "instance/web-0: Backoff",
      "  State:   Waiting: CrashLoopBackOff (next try in 9s)",
      "  Before:  Ended: Error, exit code 3 after 2s, 58s ago",
      "  Run:     3",
      "  Output:",
      "    no config",
    ]);
  });

  it("says what the controller waits for when nothing is wrong", () => {
    const decision = { rule: "AsDesired", message: "2 instances wanted, and all of them are there", time: at };
    const ready = { ...failing.conditions![0]!, status: "True" as const };
    const lines = processHead(process({ phase: "Running", decision, conditions: [ready] }), [], look);
    assert.equal(lines.at(-1), "  Reason:    2 instances wanted, and all of them are there");
  });
});

describe("the status of one copy", () => {
  it("has its own cause, when nobody has told it yet", () => {
    const facts = { instance: copy(0, crashed), output: ["bind: EADDRINUSE"] };
    const [, cause, advice] = instanceBlock({ facts, usage: undefined, tail: [] }, true, look);
    assert.match(cause!, /^ {2}Cause: +exited with code 3; its output says that its port is taken$/);
    assert.match(advice!, /^ {2}Advice: +find who listens there/);
  });

  it("has colours at a terminal", () => {
    const facts = { instance: copy(0, crashed), output: [] };
    const coloured = { ...look, paint: painter({ colours: true }) };
    const [head] = instanceBlock({ facts, usage: undefined, tail: [] }, true, coloured);
    assert.equal(head, "instance/web-0: \x1b[31mBackoff\x1b[0m");
  });
});
