import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keyOf, type Stored } from "../../../../api/object.ts";
import type { InstanceStatus, Process } from "../../../../api/types.generated.ts";
import { judge, type Neighbours } from "../../../../controllers/process/dependencies/dependencies.ts";
import { revisionOf } from "../../../../controllers/process/history/revision.ts";
import { anInstance, aProcess, readyStatus, withStatus } from "../objects.ts";

type Condition = "Started" | "Ready" | "Completed";

function neighbours(processes: Stored<Process>[], statuses: Record<string, InstanceStatus[]> = {}): Neighbours {
  return {
    process: (key) => processes.find((process) => keyOf(process) === key),
    instances: (process) =>
      (statuses[process.metadata.name] ?? []).map((status, index) => anInstance(process, index, { status })),
    cycleThrough: () => undefined,
  };
}
const dependingOn = (condition: Condition): Stored<Process> => aProcess({ dependsOn: [{ name: "db", condition }] });
const started: InstanceStatus = { phase: "Running", started: true, ready: false };
const succeeded: InstanceStatus = { phase: "Succeeded", ready: false };

/** As it ended, with what the daemon does then. */
const failed: InstanceStatus = { phase: "Failed", ready: false };

const cases: [condition: Condition, replicas: number, are: InstanceStatus[], expected: string | undefined][] = [
  ["Ready", 1, [readyStatus], undefined],
  ["Ready", 2, [readyStatus], "waiting for db to be Ready: 1 of 2 instances are"],
  ["Ready", 2, [readyStatus, started], "waiting for db to be Ready: 1 of 2 instances are"],
  ["Ready", 0, [], "waiting for db to be Ready: it is scaled to 0"],
  [
    "Ready",
    1,
    [succeeded],
    "waiting for db to be Ready: 0 of 1 instances are; it has completed and will not become ready: use condition Completed",
  ],
  ["Started", 2, [started, readyStatus], undefined],
  ["Started", 1, [succeeded], undefined],
  ["Started", 1, [{ phase: "Starting" }], "waiting for db to be Started: 0 of 1 instances are"],
  ["Completed", 1, [succeeded], undefined],
  ["Completed", 1, [readyStatus], "waiting for db to be Completed: 0 of 1 instances are"],
];

describe("judge", () => {
  for (const [condition, replicas, are, expected] of cases) {
    it(`${condition} of ${replicas}: ${are.map(({ phase }) => phase).join(", ") || "none"}`, () => {
      const db = aProcess({ replicas, restartPolicy: "OnFailure" }, "db");
      const verdict = judge(dependingOn(condition), neighbours([db], { db: are }));
      assert.equal(verdict.ok ? undefined : verdict.message, expected);
    });
  }

  it("names a dependency that is not there, or going", () => {
    const missing = judge(dependingOn("Ready"), neighbours([]));
    assert.match(missing.ok ? "" : missing.message, /there is no process "db" in this namespace/);
    const db = aProcess({}, "db");
    const going = { ...db, metadata: { ...db.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
    const verdict = judge(dependingOn("Ready"), neighbours([going], { db: [readyStatus] }));
    assert.match(verdict.ok ? "" : verdict.message, /it is being deleted/);
  });

  it("names all that is missing", () => {
    const web = aProcess({ dependsOn: [{ name: "a" }, { name: "b", condition: "Started" }] });
    const verdict = judge(web, neighbours([aProcess({}, "a"), aProcess({}, "b")]));
    assert.equal(
      verdict.ok ? "" : verdict.message,
      "waiting for a to be Ready: 0 of 1 instances are; waiting for b to be Started: 0 of 1 instances are",
    );
  });
});

describe("replicas of an earlier template", () => {
  const db = aProcess({ restartPolicy: "OnFailure" }, "db");
  const next = { ...db, spec: { ...db.spec, args: ["2"] }, metadata: { ...db.metadata, generation: 2 } };
  const judged = (process: Stored<Process>, condition: Condition, status: InstanceStatus): string | undefined => {
    const world: Neighbours = {
      process: () => process,
      instances: () => [anInstance(db, 0, { status })],
      cycleThrough: () => undefined,
    };
    const verdict = judge(dependingOn(condition), world);
    return verdict.ok ? undefined : `${verdict.rule}: ${verdict.message}`;
  };

  it("do not fulfil a dependency, though its controller has not seen the new one yet", () => {
    for (const [condition, status] of [
      ["Started", started],
      ["Ready", readyStatus],
      ["Completed", succeeded],
    ] as const) {
      assert.equal(judged(db, condition, status), undefined);
      assert.equal(
        judged(next, condition, status),
        `WaitingForDependency: waiting for db to be ${condition}: 0 of 1 instances are; 1 instance of an earlier template does not count`,
      );
    }
  });

  it("do not say that it failed for good either", () => {
    assert.match(judged(db, "Completed", failed) ?? "", /^DependencyFailed/);
    assert.match(judged(next, "Completed", failed) ?? "", /^WaitingForDependency/);
  });

  it("count while the Process is paused, for the new template is not wanted yet", () => {
    const currentRevision = revisionOf(db);
    const paused = { ...next, spec: { ...next.spec, paused: true }, status: { currentRevision } };
    assert.equal(judged(paused, "Ready", readyStatus), undefined);
  });
});

describe("a dependency for which waiting does not help is told at once", () => {
  const cases: [what: string, condition: Condition, db: Stored<Process>, are: InstanceStatus[], told: RegExp][] = [
    [
      "it failed and is not restarted",
      "Completed",
      aProcess({ restartPolicy: "Never" }, "db"),
      [failed],
      /db-0 failed and is not restarted \(restartPolicy Never\): change the spec of db, or delete db-0 to run it again/,
    ],
    [
      "one of its replicas failed",
      "Ready",
      aProcess({ replicas: 2, restartPolicy: "Never" }, "db"),
      [readyStatus, failed],
      /db-1 failed/,
    ],
    [
      "it is restarted for ever",
      "Completed",
      aProcess({}, "db"),
      [readyStatus],
      /never completes, for its restartPolicy is Always/,
    ],
    ["it has completed", "Ready", aProcess({ restartPolicy: "Never" }, "db"), [succeeded], /use condition Completed/],
    [
      "it cannot start itself",
      "Started",
      withStatus(aProcess({}, "db"), {
        observedGeneration: 1,
        decision: { rule: "DependencyFailed", message: "", time: "" },
      }),
      [],
      /it cannot start itself \(DependencyFailed; wctl why process\/db\)/,
    ],
  ];
  for (const [what, condition, db, are, told] of cases) {
    it(what, () => {
      const verdict = judge(dependingOn(condition), neighbours([db], { db: are }));
      assert.ok(!verdict.ok);
      assert.equal(verdict.rule, "DependencyFailed");
      assert.match(verdict.message, told);
    });
  }

  it("but not by a status that is older than its spec", () => {
    const db = withStatus(aProcess({}, "db"), {
      observedGeneration: 0,
      decision: { rule: "DependencyFailed", message: "", time: "" },
    });
    const verdict = judge(dependingOn("Ready"), neighbours([db]));
    assert.equal(verdict.ok || verdict.rule, "WaitingForDependency");
  });
});

describe("a cycle of dependencies", () => {
  it("is told, a long one in short", () => {
    const told = (cycle: string[]): string => {
      const verdict = judge(aProcess({}, "a"), { ...neighbours([]), cycleThrough: () => cycle });
      return verdict.ok ? "" : `${verdict.rule}: ${verdict.message.split(";")[0]}`;
    };
    assert.equal(told(["n/a", "n/b", "n/a"]), "DependencyCycle: dependsOn forms a cycle: a -> b -> a");
    const long = Array.from({ length: 6_001 }, (_, n) => `n/${n % 6_000}`);
    assert.equal(
      told(long),
      "DependencyCycle: dependsOn forms a cycle: 0 -> 1 -> 2 -> 3 -> 4 -> 5 -> 6 -> 7 -> 8 -> (5991 more) -> 0",
    );
  });
});
