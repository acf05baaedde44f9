import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseTree } from "../../../../git/repository/git-object.ts";
import { treeWith } from "../../../../git/repository/push/tree-with.ts";

const raw = (mode: string, name: string | Buffer, digit: string): Buffer =>
  Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.from([0]), Buffer.from(digit.repeat(40), "hex")]);
const oid = "f".repeat(40);

describe("a tree with one entry more", () => {
  const kept = [raw("100664", "a.b", "1"), raw("40000", "a", "2"), raw("160000", "a0", "3")];
  const strange = raw("100644", Buffer.from([0xff, 0xfe]), "4");

  it("keeps every other entry byte for byte, in git's order: a folder is sorted as if its name ended in a slash", () => {
    const made = treeWith(Buffer.concat([...kept, strange]), { mode: "100644", name: "a.c", oid });
    assert.deepEqual(made, Buffer.concat([kept[0]!, raw("100644", "a.c", "f"), kept[1]!, kept[2]!, strange]));
    assert.deepEqual(
      parseTree(treeWith(new Uint8Array(), { mode: "40000", name: "ö", oid })).map(({ name, mode }) => [name, mode]),
      [["ö", "40000"]],
    );
  });

  it("has the new one instead of one of its name", () => {
    const made = treeWith(Buffer.concat(kept), { mode: "40000", name: "a", oid });
    assert.deepEqual(made, Buffer.concat([kept[0]!, raw("40000", "a", "f"), kept[2]!]));
  });

  for (const name of ["", ".", "..", ".git", ".GIT", "a/b", "a\\b", "a\0b"]) {
    it(`refuses ${JSON.stringify(name)}`, () => {
      assert.throws(() => treeWith(new Uint8Array(), { mode: "40000", name, oid }), /is no name of a file or folder/);
    });
  }
});
