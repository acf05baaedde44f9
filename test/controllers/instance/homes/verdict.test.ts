import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { Process, ProcessSpec } from "../../../../api/types.generated.ts";
import { verdictOf } from "../../../../controllers/instance/homes/verdict.ts";

const home = { owner: "p", index: 2, namespace: "default", process: "web", createdAt: "", revision: 10 };

function seen(isKnown: boolean, specs: Record<string, Partial<ProcessSpec>>, ...outlived: string[]) {
  const living = Object.entries(specs).map(([uid, spec]): [string, Stored<Process>] => [
    uid,
    { metadata: { uid }, spec: { command: "x", replicas: 3, ...spec } } as Stored<Process>,
  ]);
  return { knows: () => isKnown, living: new Map(living), outlives: (owner: string) => outlived.includes(owner) };
}

describe("a home that nobody uses", () => {
  it("is kept as long as its Process is there", () => {
    assert.equal(verdictOf(home, seen(true, { p: {}, q: {} })), "keep");
  });
  it("is kept when its copy is scaled away", () => {
    assert.equal(verdictOf(home, seen(true, { p: { replicas: 2 } })), "keep");
    assert.equal(
      verdictOf(home, seen(true, { p: { replicas: 2, stateRetentionPolicy: { whenDeleted: "Delete" } } })),
      "keep",
    );
  });
  it("is removed when its copy is scaled away and its Process wants that, and not while the copy is only replaced", () => {
    const policy = { stateRetentionPolicy: { whenScaled: "Delete" } } as const;
    assert.equal(verdictOf(home, seen(true, { p: { replicas: 2, ...policy } })), "remove");
    assert.equal(verdictOf(home, seen(true, { p: { replicas: 0, ...policy } })), "remove");
    assert.equal(verdictOf(home, seen(true, { p: { replicas: 3, ...policy } })), "keep");
  });
  it("is removed when it was made for a stand-in that nobody needs any more", () => {
    assert.equal(verdictOf({ ...home, standIn: true }, seen(true, { p: { replicas: 2 } })), "remove");
    assert.equal(verdictOf({ ...home, standIn: true }, seen(true, { p: { replicas: 3 } })), "keep");
  });
  it("is removed when its Process was deleted, whoever has its name now", () => {
    assert.equal(verdictOf(home, seen(true, { q: {} })), "remove");
  });
  it("is kept when it outlives its Process", () => {
    assert.equal(verdictOf(home, seen(true, { q: {} }, "p")), "keep");
    assert.equal(verdictOf(home, seen(true, {}, "q")), "remove");
  });
  it("is retained when the store is older than it, since nobody has deleted anything", () => {
    assert.equal(verdictOf(home, seen(false, {})), "retain");
  });
  it("that was retained once is never judged again, however far the store has gone since", () => {
    assert.equal(verdictOf({ ...home, isRetained: true }, seen(true, {})), "keep");
  });
});
