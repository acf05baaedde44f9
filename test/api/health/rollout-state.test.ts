import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rolloutState } from "../../../api/health/rollout-state.ts";
import type { Stored } from "../../../api/object.ts";
import type { Process } from "../../../api/types.generated.ts";

const process = (status: object, replicas = 2, generation = 3): Stored<Process> =>
  ({
    metadata: { name: "web", generation },
    spec: { command: "x", replicas },
    status: { observedGeneration: 3, ...status },
  }) as unknown as Stored<Process>;

const stopped = (status: object, replicas = 2): Stored<Process> => {
  const one = process({ updatedReplicas: 2, replicas: 2, ...status }, replicas);
  return { ...one, spec: { ...one.spec, suspend: true } };
};

const table: [string, Stored<Process>, string, boolean][] = [
  [
    "the controller has not seen the change",
    process({}, 2, 4),
    "Waiting for process spec update to be observed...",
    false,
  ],
  ["it is stopping", stopped({ phase: "Terminating" }), 'Waiting for process "web" to stop: it is stopping...', false],
  [
    "it is stopped, and some copies are old",
    stopped({ phase: "Stopped", updatedReplicas: 1 }),
    'Waiting for process "web" to stop: 1 out of 2 new replicas have been updated...',
    false,
  ],
  [
    "it is stopped",
    stopped({ phase: "Stopped" }),
    'process "web" is stopped (spec.suspend is true); "wctl start process/web" starts it',
    true,
  ],
  [
    "it is stopped while its template waits for the end of a pause",
    { ...stopped({ phase: "Stopped", updatedReplicas: 0 }), spec: { ...stopped({}).spec, paused: true } },
    'process "web" is stopped (spec.suspend is true); "wctl start process/web" starts it',
    true,
  ],
  [
    "it is stopped while what was brought back is what its copies have",
    stopped({
      phase: "Stopped",
      updatedReplicas: 0,
      rollback: { from: "a", to: "b", message: "", time: "" },
      conditions: [{ type: "Progressing", status: "Unknown", reason: "Suspended", message: "" }],
    }),
    'process "web" is stopped (spec.suspend is true); "wctl start process/web" starts it',
    true,
  ],
  [
    "it is paused",
    { ...process({ updatedReplicas: 0 }), spec: { command: "x", replicas: 2, paused: true } },
    'Waiting for process "web" rollout to finish: 0 out of 2 new replicas have been updated, and it is paused...',
    false,
  ],
  [
    "few are of the new revision",
    process({ updatedReplicas: 1, replicas: 2 }),
    'Waiting for process "web" rollout to finish: 1 out of 2 new replicas have been updated...',
    false,
  ],
  [
    "old ones still run",
    process({ updatedReplicas: 2, replicas: 3 }),
    'Waiting for process "web" rollout to finish: 1 old replicas are pending termination...',
    false,
  ],
  [
    "new ones are not available yet",
    process({ updatedReplicas: 2, replicas: 2, availableReplicas: 1 }),
    'Waiting for process "web" rollout to finish: 1 of 2 updated replicas are available...',
    false,
  ],
  [
    "all is there",
    process({ updatedReplicas: 2, replicas: 2, availableReplicas: 2 }),
    'process "web" successfully rolled out',
    true,
  ],
  [
    "a one-shot has run",
    process({ updatedReplicas: 2, replicas: 2, phase: "Completed" }),
    'process "web" successfully rolled out',
    true,
  ],
  ["none is wanted", process({}, 0), 'process "web" successfully rolled out', true],
];

describe("a rollout that needs somebody to change something", () => {
  for (const rule of ["Failed", "DependencyFailed", "DependencyCycle"]) {
    it(`has failed at once: ${rule}`, () => {
      const decision = { rule, message: "why", time: "" };
      const { progress: _, why: _why, ...said } = rolloutState(process({ updatedReplicas: 1, replicas: 1, decision }));
      const message = `process "web" cannot be rolled out as things are (${rule}): why`;
      assert.deepEqual(said, { done: true, failed: true, message });
    });
  }

  for (const reason of ["RolledBack", "RollbackFailed"]) {
    it(`has failed when the controller went back: ${reason}`, () => {
      const conditions = [{ type: "Progressing", status: "False", reason, message: "a was rolled back to b" }];
      const { failed, message } = rolloutState(process({ updatedReplicas: 0, replicas: 2, conditions }));
      assert.deepEqual([failed, message], [true, 'process "web" is not rolled out: a was rolled back to b']);
    });
  }

  it("has failed when it is stalled, in the sentence of the condition", () => {
    const conditions = [{ type: "Stalled", status: "True", reason: "CommandNotFound", message: "no such program" }];
    const { failed, message } = rolloutState(process({ updatedReplicas: 1, replicas: 1, conditions }));
    const said = 'process "web" cannot be rolled out as things are (CommandNotFound): no such program';
    assert.deepEqual([failed, message], [true, said]);
  });

  it("is judged by what its present spec led to", () => {
    const decision = { rule: "Failed", message: "why", time: "" };
    assert.equal(rolloutState(process({ decision }, 2, 4)).failed, false);
  });
});

describe("rolloutState says, in kubectl's words,", () => {
  for (const [when, state, message, done] of table) {
    it(`${message} when ${when}`, () => {
      const { progress: _, note: _note, why: _why, ...said } = rolloutState(state);
      assert.deepEqual(said, { done, failed: false, message });
    });
  }

  it("that the deadline is exceeded, and that this is the end", () => {
    const conditions = [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "late" }];
    assert.deepEqual(rolloutState(process({ updatedReplicas: 1, conditions })), {
      done: true,
      failed: true,
      message: 'process "web" exceeded its progress deadline: late',
      progress: 'process "web" exceeded its progress deadline: late',
      why: "late",
    });
  });

  it("what holds it up, for the moving line", () => {
    const conditions = [{ type: "Ready", status: "False", reason: "InstanceNotReady", message: "web-1 waits" }];
    const { progress } = rolloutState(process({ updatedReplicas: 2, replicas: 2, availableReplicas: 1, conditions }));
    assert.equal(progress, "web: 1 of 2 updated replicas are available (web-1 waits)");
  });
});
