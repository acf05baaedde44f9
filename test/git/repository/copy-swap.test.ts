import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { beginCopy, recoverCopy, swapCopy } from "../../../git/repository/copy-swap.ts";

/** Folders beside each other, each with a file that says which it was. */
function folders(t: TestContext, ...names: string[]): string {
  const root = mkdtempSync(join(tmpdir(), "wctl-swap-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const name of names) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, "was"), name);
  }
  return root;
}

const state = (root: string) =>
  Object.fromEntries(readdirSync(root).map((name) => [name, readFileSync(join(root, name, "was"), "utf8")]));

describe("a local copy that is made anew", () => {
  it("takes the place of the old one, or of none", async (t) => {
    for (const names of [["copy", "copy.new"], ["copy.new"], ["copy", "copy.new", "copy.old"]]) {
      const root = folders(t, ...names);
      await swapCopy(join(root, "copy"));
      assert.deepEqual(state(root), { copy: "copy.new" });
    }
  });

  it("begins without what is left of one before", async (t) => {
    const root = folders(t, "copy", "copy.new");
    assert.equal(await beginCopy(join(root, "copy")), join(root, "copy.new"));
    assert.deepEqual(state(root), { copy: "copy" });
  });

  it("leaves a whole one wherever the process is killed", (t) => {
    for (const [names, expected] of [
      [["copy", "copy.new"], { copy: "copy", "copy.new": "copy.new" }],
      [["copy.old", "copy.new"], { copy: "copy.old", "copy.new": "copy.new" }],
      [["copy", "copy.old"], { copy: "copy" }],
      [[], {}],
    ] as const) {
      const root = folders(t, ...names);
      recoverCopy(join(root, "copy"));
      assert.deepEqual(state(root), expected);
    }
  });
});
