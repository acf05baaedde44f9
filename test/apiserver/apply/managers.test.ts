import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatusError } from "../../../api/errors.ts";
import { conflictError, conflictsWith } from "../../../apiserver/apply/conflicts.ts";
import { noFields, setOf, union } from "../../../apiserver/apply/field-set.ts";
import { capped, entryFor, inOrder, type Manager } from "../../../apiserver/apply/managers.ts";
import { managersAfterUpdate } from "../../../apiserver/apply/ownership.ts";

const apiVersion = "wctl.dev/v1";
const at = (second: number): string => new Date(1_700_000_000_000 + second * 1000).toISOString().replace(".000", "");
const replicas = setOf(["f:spec", "f:replicas"]);
const updater = (manager: string): Manager => ({ manager, operation: "Update", apiVersion });
const applier = (manager: string): Manager => ({ manager, operation: "Apply", apiVersion });

describe("managers", () => {
  it("are sorted by operation, time and name", () => {
    const entries = [
      entryFor(updater("b"), replicas, at(1)),
      entryFor(updater("a"), replicas, at(1)),
      entryFor(updater("z"), replicas, at(0)),
      entryFor(applier("y"), replicas, at(9)),
    ];
    assert.deepEqual(
      inOrder(entries).map(({ manager }) => manager),
      ["y", "z", "a", "b"],
    );
  });

  it("that update become one, the oldest first, when there are more than ten; those that apply stay", () => {
    const appliers = Array.from({ length: 20 }, (_, index) => entryFor(applier(`apply-${index}`), replicas, at(index)));
    const field = (index: number) => setOf(["f:spec", `f:field-${index}`]);
    let managers: ReturnType<typeof inOrder> = inOrder(appliers);
    for (let index = 0; index < 14; index++) {
      managers = [
        ...capped(inOrder([...managers, entryFor(updater(`update-${index}`), field(index), at(100 + index))])),
      ];
    }
    const updaters = managers.filter(({ operation }) => operation === "Update");
    assert.equal(managers.length, 30);
    assert.deepEqual(
      updaters.map(({ manager }) => manager),
      ["ancient-changes", ...[5, 6, 7, 8, 9, 10, 11, 12, 13].map((index) => `update-${index}`)],
    );
    assert.deepEqual(updaters[0]?.fieldsV1, [0, 1, 2, 3, 4].map(field).reduce(union));
    assert.equal(updaters[0]?.time, at(104));
  });
});

describe("a write that is no apply", () => {
  const schema = {
    properties: {
      spec: { properties: { replicas: {}, command: {} } },
      metadata: { properties: { labels: { additionalProperties: {} } } },
    },
  };
  const before = { spec: { replicas: 1, command: "a" } };
  const write = (
    after: unknown,
    managers = [entryFor(applier("ann"), setOf(["f:spec", "f:replicas"], ["f:spec", "f:command"]), at(0))],
    manager = "bob",
  ) => managersAfterUpdate(managers, { before, after, schema, writer: updater(manager), now: at(5) });

  it("owns alone what it changed", () => {
    const [ann, bob] = write({ spec: { replicas: 2, command: "a" } });
    assert.deepEqual([ann?.fieldsV1, ann?.time], [setOf(["f:spec", "f:command"]), at(0)]);
    assert.deepEqual([bob?.manager, bob?.operation, bob?.fieldsV1, bob?.time], ["bob", "Update", replicas, at(5)]);
  });

  it("owns a new map with its keys, and keeps what it owned", () => {
    const mine = entryFor(updater("bob"), replicas, at(0));
    const [bob] = write({ ...before, metadata: { labels: { a: "b" }, name: "web" } }, [mine]);
    assert.deepEqual(bob?.fieldsV1, union(replicas, { "f:metadata": { "f:labels": { ".": {}, "f:a": {} } } }));
  });

  it("takes from everybody what it removes, and is nobody when that is all", () => {
    const managers = write({ spec: { replicas: 1 } });
    assert.deepEqual(
      managers.map(({ manager, fieldsV1 }) => [manager, fieldsV1]),
      [["ann", replicas]],
    );
    assert.deepEqual(write({}), []);
  });

  it("that changes nothing leaves the managers as they are, to the very list", () => {
    const managers = [entryFor(applier("ann"), replicas, at(0))];
    assert.equal(write(structuredClone(before), managers), managers);
  });
});

describe("a conflict", () => {
  const command = setOf(["f:spec", "f:command"]);
  const said = (...entries: Parameters<typeof conflictsWith>[0]): StatusError => {
    const error = conflictError(conflictsWith(entries, union(replicas, command)));
    assert.ok(error instanceof StatusError);
    return error;
  };

  it("of one field is said in one sentence", () => {
    const error = said(entryFor(updater("t"), command, undefined), entryFor(applier("other"), noFields, undefined));
    assert.equal(error.message, 'Apply failed with 1 conflict: conflict with "t" using wctl.dev/v1: .spec.command');
    assert.deepEqual(
      [error.code, error.reason, error.details],
      [
        409,
        "Conflict",
        {
          causes: [
            { reason: "FieldManagerConflict", message: 'conflict with "t" using wctl.dev/v1', field: ".spec.command" },
          ],
        },
      ],
    );
  });

  it("of several fields lists them by manager", () => {
    const scale = { ...updater("kubectl"), subresource: "scale" };
    const error = said(entryFor(applier("flux"), union(replicas, command), at(0)), entryFor(scale, replicas, at(0)));
    assert.equal(
      error.message,
      `Apply failed with 3 conflicts: conflicts with "flux":
- .spec.command
- .spec.replicas
conflicts with "kubectl" with subresource "scale" using wctl.dev/v1:
- .spec.replicas`,
    );
    assert.equal(error.details?.causes?.length, 3);
  });
});
