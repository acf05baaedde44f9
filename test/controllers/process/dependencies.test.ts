import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keyOf, type Stored } from "../../../api/object.ts";
import type { InstanceStatus, Process } from "../../../api/types.generated.ts";
import { cycleThrough, judge, type Neighbours } from "../../../controllers/process/dependencies.ts";
import { anInstance, aProcess, readyStatus } from "./objects.ts";

type Condition = "Started" | "Ready" | "Completed";

function neighbours(processes: Stored<Process>[], statuses: Record<string, InstanceStatus[]> = {}): Neighbours {
  return {
    process: (key) => processes.find((process) => keyOf(process) === key),
    instances: (process) =>
      (statuses[process.metadata.name] ?? []).map((status, index) => anInstance(process, index, { status })),
  };
}
const dependingOn = (condition: Condition): Stored<Process> => aProcess({ dependsOn: [{ name: "db", condition }] });
const started: InstanceStatus = { phase: "Running", started: true, ready: false };
const succeeded: InstanceStatus = { phase: "Succeeded", ready: false };

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
      const verdict = judge(dependingOn(condition), neighbours([aProcess({ replicas }, "db")], { db: are }));
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

describe("cycleThrough", () => {
  const graph = (edges: Record<string, string[]>): Stored<Process>[] =>
    Object.entries(edges).map(([name, others]) =>
      aProcess({ dependsOn: others.map((other) => ({ name: other })) }, name),
    );
  const through = (name: string, edges: Record<string, string[]>): string[] | undefined => {
    const processes = graph(edges);
    return cycleThrough(processes.find((process) => process.metadata.name === name)!, neighbours(processes));
  };

  it("finds the way back, also to itself", () => {
    assert.deepEqual(through("a", { a: ["a"] }), ["a", "a"]);
    assert.deepEqual(through("a", { a: ["x", "b"], x: [], b: ["c"], c: ["a"] }), ["a", "b", "c", "a"]);
  });

  it("does not take a shared dependency for a cycle", () => {
    assert.equal(through("a", { a: ["b", "c"], b: ["d"], c: ["d"], d: [] }), undefined);
  });

  it("leaves cycles of others to them", () => {
    assert.equal(through("a", { a: ["b"], b: ["c"], c: ["b"] }), undefined);
  });
});
