import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cpuTime, imageOf, type TreeMember, treeRows } from "../../../../cmd/wctl/text/process-tree.ts";

const member = (pid: number, parent: number, image = `p${pid}`): TreeMember => ({
  pid,
  parent,
  image,
  cpuSeconds: 0,
  memoryBytes: 0,
});
const drawn = (...members: TreeMember[]): string[] =>
  treeRows(members).map(({ lead, member: { pid } }) => `${lead}${pid}`);

describe("a process tree", () => {
  it("shows parents before their children", () => {
    assert.deepEqual(drawn(member(1, 0), member(2, 1), member(3, 2), member(4, 1)), ["1", "├─2", "│ └─3", "└─4"]);
  });

  it("shows as a root what has lost its parent", () => {
    assert.deepEqual(drawn(member(7, 1), member(9, 8), member(10, 9)), ["7", "9", "└─10"]);
  });

  it("shows each process once, also when they form a circle or are their own parents", () => {
    assert.deepEqual(drawn(member(1, 2), member(2, 1), member(3, 3)).toSorted(), ["1", "3", "└─2"]);
  });

  it("keeps what a program calls itself on its line", () => {
    assert.equal(imageOf(member(1, 0, "a\nb\t\x1b[31m")), "a b ^[[31m");
  });

  it("tells processor time as ps does", () => {
    assert.deepEqual([0.9, 67, 3723.5].map(cpuTime), ["0:00", "1:07", "1:02:03"]);
  });
});
