import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { type PathTrust, pathTrust, posixJudge } from "../../lib/path-trust.ts";

const isPosix = process.getuid !== undefined;
const isRoot = process.getuid?.() === 0;

describe("who may write what is read (P22)", { skip: isPosix ? false : "modes and owners are of POSIX" }, () => {
  const made: string[] = [];
  let top = "";
  let trust: PathTrust;
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), "wctl-trust-"));
    made.push(top);
    trust = pathTrust(posixJudge({ uid: process.getuid!(), gid: process.getgid!() }));
  });
  after(() => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
  });
  const folder = (name: string, mode = 0o755): string => {
    mkdirSync(join(top, name), { recursive: true });
    chmodSync(join(top, name), mode);
    return join(top, name);
  };
  const file = (path: string, mode = 0o644): string => {
    writeFileSync(path, "x");
    chmodSync(path, mode);
    return path;
  };

  it("is nobody else: below the sticky /tmp a folder of one's own is trusted, and what is not there too", () => {
    assert.equal(trust.ofPath(file(join(folder("a/b"), "c.yaml"))), undefined);
    assert.equal(trust.ofPath(join(top, "missing", "x.yaml")), undefined);
  });

  it("is everybody: the file itself, its folder, a folder far above it, each is told by name", () => {
    const path = file(join(folder("a/b"), "c.yaml"), 0o646);
    assert.equal(trust.ofPath(path), `${path} can be written by others`);
    assert.equal(trust.ofEntry(path), `${path} can be written by others`);
    chmodSync(path, 0o644);
    for (const name of ["a/b", "a"]) {
      folder(name, 0o757);
      assert.equal(trust.ofPath(path), `${join(top, name)} can be written by others`);
      folder(name);
    }
  });

  it("is everybody, in a sticky folder, when that is the folder that is read", () => {
    const open = folder("open", 0o1777);
    assert.equal(trust.ofPath(open), `${open} can be written by others`);
    assert.equal(trust.ofPath(file(join(open, "mine.yaml"))), undefined);
  });

  it("is whoever can exchange a link on the way, or can write where it leads", () => {
    const target = folder("releases/2");
    symlinkSync("releases/2", join(top, "current"));
    assert.equal(trust.ofPath(join(top, "current")), undefined);
    folder("releases", 0o777);
    assert.equal(trust.ofPath(join(top, "current")), `${join(top, "releases")} can be written by others`);
    folder("releases");
    chmodSync(target, 0o777);
    assert.equal(trust.ofPath(join(top, "current")), `${target} can be written by others`);
    symlinkSync("round", join(top, "round"));
    assert.match(trust.ofPath(join(top, "round")) ?? "", /too many links/);
    symlinkSync("../releases/../releases/2", join(folder("links"), "up"));
    assert.equal(trust.ofPath(join(top, "links/up")), `${target} can be written by others`);
  });

  it("is another user, who owns the file, a folder above it, or a link", {
    skip: isRoot ? false : "needs root",
  }, () => {
    const path = file(join(folder("a/b"), "c.yaml"));
    for (const name of ["a/b/c.yaml", "a/b", "a"]) {
      chownSync(join(top, name), 1234, 0);
      assert.equal(trust.ofPath(path), `${join(top, name)} belongs to another user (uid 1234)`);
      chownSync(join(top, name), 0, 0);
    }
  });

  it("is a group, unless it is the own one of an ordinary user", { skip: isRoot ? false : "needs root" }, () => {
    const shared = folder("shared", 0o775);
    assert.equal(trust.ofPath(shared), `${shared} can be written by others`);
    const anna = pathTrust(posixJudge({ uid: 1001, gid: 1001 }));
    chownSync(top, 1001, 1001);
    chownSync(shared, 1001, 1001);
    assert.equal(anna.ofPath(shared), undefined);
    chownSync(shared, 1001, 50);
    assert.equal(anna.ofPath(shared), `${shared} can be written by others`);
  });
});
