import assert from "node:assert/strict";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { prepareDataDir } from "../../../../cmd/wctld/data-dir/data-dir.ts";

const isRoot = process.geteuid?.() === 0;
const posix = { skip: process.geteuid === undefined && "file modes say nothing on Windows" };
const root = { skip: !isRoot && "needs root" };

describe("the data directory (S12)", posix, () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "wctl-data-dir-"));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const refused = (path: string, message: RegExp): void => {
    assert.throws(() => prepareDataDir(path), { name: "UsageError", message });
  };

  it("is made for its user alone, with the folders above it, also below /tmp", () => {
    const dataDir = join(base, "a/b/data");
    assert.equal(prepareDataDir(dataDir), dataDir);
    for (const path of [dataDir, join(base, "a")]) assert.equal(statSync(path).mode & 0o777, 0o700);
    chmodSync(dataDir, 0o755);
    prepareDataDir(dataDir);
    assert.equal(statSync(dataDir).mode & 0o777, 0o700);
  });

  it("is refused when others can write it, when it is a link, and when it is no folder", () => {
    const open = join(base, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);
    refused(open, /others can write to .*chmod 700/);
    symlinkSync(base, join(base, "link"));
    refused(join(base, "link"), /is a link/);
    refused("/dev/null", /is not a folder/);
    refused("/proc/no-such/data", /cannot make/);
  });

  it("is refused below a folder that others can write, since they could exchange it, and nothing is made there", () => {
    const open = join(base, "open");
    mkdirSync(open);
    for (const mode of [0o777, 0o775]) {
      chmodSync(open, mode);
      if (mode === 0o775 && !isRoot) continue; // the user's own private group may write
      refused(join(open, "x/data"), new RegExp(`${open} can be written by others`));
      assert.equal(existsSync(join(open, "x")), false);
    }
    chmodSync(open, 0o1777);
    prepareDataDir(join(open, "data"));
  });

  it("is refused below a folder of another user, also when it was accepted before", root, () => {
    const home = join(base, "home");
    mkdirSync(home);
    const dataDir = prepareDataDir(join(home, "data"));
    chownSync(home, 65_534, 65_534);
    refused(dataDir, new RegExp(`${home} belongs to another user \\(uid 65534\\)`));
    chownSync(home, 0, 0);
    chownSync(dataDir, 65_534, 65_534);
    refused(dataDir, /belongs to another user/);
  });

  it("is refused behind a link that leads there, and used without the links on its way", root, () => {
    const [home, way] = [join(base, "home"), join(base, "way")];
    mkdirSync(home);
    symlinkSync(home, way);
    assert.equal(prepareDataDir(join(way, "data")), join(home, "data"));
    chownSync(home, 65_534, 65_534);
    refused(join(way, "data"), /belongs to another user/);
  });
});
