import assert from "node:assert/strict";
import {
  chownSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { giveFolder } from "../../../../runtime/posix/process/give-folder.ts";

const [FORMER, NEXT, THIRD] = [61_001, 61_002, 61_003];
const isRoot = process.geteuid!() === 0;

describe("a folder that changes its account", { skip: !isRoot && "needs root" }, () => {
  it("takes along what the account before has made, follows no link that it planted, and leaves what is a third one's", () => {
    const top = mkdtempSync(join(tmpdir(), "wctl-give-"));
    const [victim, work] = [join(top, "victim"), join(top, "work")];
    const inWork = (name: string) => join(work, name);
    try {
      mkdirSync(victim);
      writeFileSync(join(victim, "secret"), "");
      mkdirSync(inWork("deep/er"), { recursive: true });
      for (const name of ["deep/er/data", "others"]) writeFileSync(inWork(name), "");
      symlinkSync(victim, inWork("folder"));
      symlinkSync(join(victim, "secret"), inWork("file"));
      for (const name of ["", "deep", "deep/er", "deep/er/data"]) chownSync(inWork(name), FORMER, FORMER);
      symlinkSync("nowhere", inWork("dangling"));
      for (const link of ["folder", "file", "dangling"]) lchownSync(inWork(link), FORMER, FORMER);
      chownSync(inWork("others"), THIRD, THIRD);
      giveFolder(work, { uid: NEXT, gid: NEXT });
      for (const name of ["", "deep", "deep/er", "deep/er/data"]) assert.equal(statSync(inWork(name)).uid, NEXT, name);
      for (const link of ["folder", "file", "dangling"]) assert.equal(lstatSync(inWork(link)).uid, NEXT, link);
      assert.equal(statSync(inWork("others")).uid, THIRD);
      assert.deepEqual(
        [victim, join(victim, "secret")].map((path) => lstatSync(path).uid),
        [0, 0],
      );
    } finally {
      rmSync(top, { recursive: true });
    }
  });

  it("takes no file along that has a name elsewhere: it may have been linked from there", () => {
    const top = mkdtempSync(join(tmpdir(), "wctl-give-"));
    const [outside, work] = [join(top, "outside"), join(top, "work")];
    const inWork = (name: string) => join(work, name);
    try {
      mkdirSync(inWork("deep"), { recursive: true });
      writeFileSync(outside, "");
      writeFileSync(inWork("own"), "");
      linkSync(outside, inWork("deep/stolen"));
      linkSync(inWork("own"), inWork("deep/own"));
      for (const path of [work, inWork("deep"), outside, inWork("own")]) chownSync(path, FORMER, FORMER);
      giveFolder(work, { uid: NEXT, gid: NEXT });
      assert.equal(statSync(outside).uid, FORMER);
      assert.equal(statSync(inWork("own")).uid, NEXT, "both of its names are here");
    } finally {
      rmSync(top, { recursive: true });
    }
  });
});
