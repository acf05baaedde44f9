import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type Found, type Origin, OriginFile, whyCopied } from "../../../../cmd/wctld/data-dir/origin.ts";

const written: Origin = { inode: "7", birth: "100", machine: "here" };
const found: Found = { ...written, changed: "200" };

describe("what tells a copy from its original", () => {
  const cases: [what: string, written: Origin, found: Found, isCopy: boolean][] = [
    ["a restart", written, found, false],
    ["another file", written, { ...found, inode: "8" }, true],
    ["the number of a file that is gone, given again", written, { ...found, birth: "300" }, true],
    ["a birth that is only the last change", written, { ...found, birth: "200" }, false],
    ["a file system without births", { inode: "7" }, { inode: "7" }, false],
    ["a birth that is not told any more", written, { inode: "7", machine: "here" }, false],
    ["another machine", written, { ...found, machine: "there" }, true],
    ["a container, whose machine has no lasting id", { inode: "7", birth: "100" }, found, false],
    ["a container that was made anew", written, { inode: "7", birth: "100", changed: "200" }, false],
  ];
  for (const [what, before, now, isCopy] of cases) {
    it(`${what}: ${isCopy ? "a copy" : "the original"}`, () => {
      assert.equal(whyCopied(before, now) !== undefined, isCopy);
    });
  }
});

describe("the origin of a data directory", () => {
  const root = mkdtempSync(join(tmpdir(), "wctl-origin-"));
  after(() => rmSync(root, { recursive: true, force: true }));
  const made = (name: string): string => {
    const folder = join(root, name);
    mkdirSync(folder);
    new OriginFile(folder, "here").write();
    return folder;
  };

  it("stays what it is when it is read again, and when the directory moves", () => {
    const folder = made("moves");
    assert.equal(new OriginFile(folder, "here").whyCopied(), undefined);
    renameSync(folder, join(root, "moved"));
    assert.equal(new OriginFile(join(root, "moved"), "here").whyCopied(), undefined);
  });

  it("is noticed in a copy, which can become an original", () => {
    const copy = join(root, "copy");
    cpSync(made("copied"), copy, { recursive: true, preserveTimestamps: true });
    const origin = new OriginFile(copy, "here");
    assert.match(origin.whyCopied()!, /not the ones that its daemon made/);
    origin.write();
    assert.equal(origin.whyCopied(), undefined);
  });

  it("is noticed on another machine", () => {
    assert.match(new OriginFile(made("elsewhere"), "there").whyCopied()!, /another machine/);
  });

  it("of a version that did not know the machine is written anew, once", () => {
    const folder = join(root, "earlier");
    mkdirSync(folder);
    assert.equal(new OriginFile(folder, undefined).isToBeWritten, true);
    new OriginFile(folder, undefined).write();
    assert.equal(new OriginFile(folder, undefined).isToBeWritten, false);
    const origin = new OriginFile(folder, "here");
    assert.deepEqual([origin.whyCopied(), origin.isToBeWritten], [undefined, true]);
    origin.write();
    assert.equal(origin.isToBeWritten, false);
    assert.match(new OriginFile(folder, "there").whyCopied()!, /another machine/);
  });

  for (const text of ["", "{", "{}", '{"version":2,"inode":"1"}', '{"version":1,"inode":1}', "null"]) {
    it(`that is damaged (${JSON.stringify(text)}) is no proof`, () => {
      const folder = mkdtempSync(join(root, "damaged-"));
      writeFileSync(join(folder, "origin.json"), text);
      assert.match(new OriginFile(folder, undefined).whyCopied()!, /damaged/);
    });
  }
});
