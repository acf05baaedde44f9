import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { verdictOf } from "../../../../controllers/instance/homes/verdict.ts";

const home = { owner: "p", index: 0, namespace: "default", process: "web", createdAt: "", revision: 10 };
const seen = (revision: number, ...uids: string[]) => ({ revision, uids: new Set(uids) });

describe("a home that nobody uses", () => {
  it("is kept as long as its Process is there", () => {
    assert.equal(verdictOf(home, seen(20, "p", "q")), "keep");
  });
  it("is removed when its Process was deleted, whoever has its name now", () => {
    assert.equal(verdictOf(home, seen(20, "q")), "remove");
  });
  it("is retained when the store is older than it, since nobody has deleted anything", () => {
    assert.equal(verdictOf(home, seen(9)), "retain");
  });
  it("that was retained once is never judged again, however far the store has gone since", () => {
    assert.equal(verdictOf({ ...home, isRetained: true }, seen(99)), "keep");
  });
});
