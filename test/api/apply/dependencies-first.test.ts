import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dependenciesFirst } from "../../../api/apply/dependencies-first.ts";

const process = (name: string, ...others: string[]) => ({
  key: `default/${name}`,
  object: {
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: { name, namespace: "default" },
    spec: { dependsOn: others.map((other) => ({ name: other })) },
  },
});
const order = (...all: ReturnType<typeof process>[]): string[] =>
  dependenciesFirst(all).map(({ object }) => object.metadata.name);

describe("what is applied together", () => {
  it("comes after what it depends on, and else in its order", () => {
    assert.deepEqual(order(process("a"), process("b"), process("c")), ["a", "b", "c"]);
    assert.deepEqual(order(process("app", "migration"), process("x"), process("migration")), ["migration", "app", "x"]);
    assert.deepEqual(order(process("a", "c", "b"), process("b", "d"), process("c"), process("d")), [
      "c",
      "d",
      "b",
      "a",
    ]);
  });

  it("comes all the same when there is a cycle, a stranger, or nonsense in it", () => {
    assert.deepEqual(order(process("a", "b"), process("b", "a")), ["b", "a"]);
    assert.deepEqual(order(process("a", "elsewhere")), ["a"]);
    const nonsense = [7, null, { dependsOn: 3 }, { dependsOn: [null, 4] }].map((spec, n) => ({
      key: `default/${n}`,
      object: { apiVersion: "wctl.dev/v1", kind: "Process", metadata: { name: `${n}` }, spec },
    }));
    assert.equal(dependenciesFirst(nonsense).length, 4);
  });

  it("may be a chain of any length", () => {
    const chain = Array.from({ length: 20_000 }, (_, n) => process(`p${n}`, `p${n + 1}`));
    assert.deepEqual(order(...chain).slice(0, 2), ["p19999", "p19998"]);
  });
});
