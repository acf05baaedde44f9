import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { CopyFolders } from "../../../controllers/git-source/copy-folders.ts";

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "wctl-copies-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe("the folders of local copies", () => {
  it("are swept of what sources have left that are gone: copies, half-made ones, and keys", async (t) => {
    const root = temporaryFolder(t);
    const outside = temporaryFolder(t);
    writeFileSync(join(outside, "file"), "mine");
    const folder = join(root, "git");
    for (const name of ["kept", "kept.ssh", "gone", "gone.new", "gone.old", "lost.ssh"]) {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, "identity"), "key");
    }
    symlinkSync(outside, join(folder, "link"));
    await new CopyFolders(folder).sweep((uid) => uid === "kept");
    assert.deepEqual(readdirSync(folder).sort(), ["kept", "kept.ssh"]);
    assert.deepEqual(readdirSync(outside), ["file"]);
  });

  it("keep no keys of sessions that were killed, of a source that is suspended neither", (t) => {
    const folder = temporaryFolder(t);
    for (const name of ["one", "one.ssh", "two.new"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "one.ssh", "identity"), "key");
    new CopyFolders(folder).removeKeys();
    assert.deepEqual(readdirSync(folder).sort(), ["one", "two.new"]);
  });

  it("give another copy what they have, and no half of it", async (t) => {
    const folder = temporaryFolder(t);
    const copies = new CopyFolders(folder);
    mkdirSync(join(folder, "one", "objects"), { recursive: true });
    writeFileSync(join(folder, "one", "objects", "pack"), "bytes");
    await copies.seed("one", "one.diff");
    assert.equal(readFileSync(join(folder, "one.diff", "objects", "pack"), "utf8"), "bytes");
    await copies.seed("none", "none.diff");
    truncateSync(join(folder, "one", "objects", "pack"), 64 * 1024 * 1024 + 1);
    await copies.seed("one", "large.diff");
    assert.deepEqual(readdirSync(folder).sort(), ["one", "one.diff"]);
  });

  it("may not be there at all", async (t) => {
    const copies = new CopyFolders(join(temporaryFolder(t), "git"));
    copies.removeKeys();
    await copies.sweep(() => false);
  });

  it("lose everything of one source", async (t) => {
    const folder = temporaryFolder(t);
    for (const name of ["one", "one.new", "one.old", "one.ssh", "other"]) mkdirSync(join(folder, name));
    await new CopyFolders(folder).remove("one");
    assert.deepEqual(readdirSync(folder), ["other"]);
  });
});
