import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readAs } from "../../../../runtime/posix/files/read-as.ts";

const WEB = { name: "web", uid: 61_001, gid: 61_001, groups: [61_001, 61_010] };
const isRoot = process.geteuid!() === 0;

describe("a file that is read for an account", () => {
  let top: string;
  const at = (name: string): string => join(top, name);
  const read = (name: string): string | undefined => readAs(at(name), WEB, 100)?.toString();
  before(() => {
    top = mkdtempSync(join(tmpdir(), "wctl-read-"));
    chmodSync(top, 0o755);
  });
  after(() => rmSync(top, { recursive: true }));
  const put = (name: string, mode: number, uid = 0, gid = 0): void => {
    writeFileSync(at(name), name);
    chmodSync(at(name), mode);
    if (isRoot) chownSync(at(name), uid, gid);
  };

  it("is none where nothing is, and has at most so many bytes", () => {
    assert.equal(read("missing"), undefined);
    put("world", 0o644);
    assert.equal(read("world"), "world");
    assert.equal(readAs(at("world"), WEB, 3)?.toString(), "wor");
  });

  it("is a file: no folder, and nothing that waits for others", () => {
    execFileSync("/usr/bin/mkfifo", [at("fifo")]);
    for (const name of [".", "fifo"]) assert.throws(() => read(name), /no file|EISDIR/, name);
    assert.throws(() => readAs("/dev/zero", WEB, 100), /no file/);
  });

  it("is what the account itself may read and reach, whatever root may", { skip: !isRoot && "needs root" }, () => {
    put("own", 0o400, WEB.uid);
    put("group", 0o040, 0, 61_010);
    assert.deepEqual([read("own"), read("group")], ["own", "group"]);
    put("roots", 0o600);
    put("others", 0o640, 61_002, 61_002);
    put("not-even-own", 0o044, WEB.uid, WEB.gid);
    for (const name of ["roots", "others", "not-even-own"])
      assert.throws(() => read(name), /web may not read it/, name);
    assert.throws(() => readAs("/etc/shadow", WEB, 100), /web may not read it/);
  });

  it("is judged where a link leads to, and not where it lies", { skip: !isRoot && "needs root" }, () => {
    symlinkSync("/etc/shadow", at("shadow"));
    assert.throws(() => read("shadow"), /web may not read it/);
    mkdirSync(at("closed"), { mode: 0o700 });
    put("closed/open-file", 0o644);
    symlinkSync(at("closed/open-file"), at("by-link"));
    for (const name of ["closed/open-file", "by-link"])
      assert.throws(() => read(name), /may not enter the folder/, name);
    put("closed/closed-file", 0o600);
    mkdirSync(at("closed/folder"));
    for (const name of ["closed/nothing", "closed/closed-file", "closed/folder", "closed/folder/nothing"])
      assert.throws(() => read(name), /may not enter the folder/, `${name}: whether it is there is not told`);
    symlinkSync(at("world"), at("to-world"));
    assert.equal(read("to-world"), "world");
  });
});
