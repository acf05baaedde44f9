import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { HomeFiles } from "../../../runtime/runs/home-files.ts";

const WEB = { owner: "p", index: 0, namespace: "default", process: "web", revision: 1, createdAt: "" };

describe("the note of a home", { skip: process.getuid?.() !== 0 && "ONLY ROOT CAN MOUNT A SMALL DISK" }, () => {
  const disk = mkdtempSync(join(tmpdir(), "wctl-small-"));
  execFileSync("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=64k,mode=700", "none", disk]);
  after(() => {
    execFileSync("/usr/bin/umount", ["--lazy", disk]);
    rmSync(disk, { recursive: true });
  });

  it("takes the place of the one before where there is no room for a second, longer or shorter", () => {
    const files = new HomeFiles(disk);
    files.create(WEB);
    files.write({ ...WEB, instance: "the-instance-that-uses-it" });
    assert.equal(files.isDiskFull(), true, "64 KiB are no room");
    const fill = join(disk, "fill");
    mkdirSync(fill);
    assert.throws(() => execFileSync("/usr/bin/dd", ["if=/dev/zero", `of=${join(fill, "x")}`], { stdio: "ignore" }));
    for (const note of [
      WEB,
      { ...WEB, instance: "another", releasedAt: "2030-01-01T00:00:00Z", holder: "x".repeat(300) },
    ]) {
      files.write(note);
      assert.deepEqual(files.note(WEB), note);
    }
    assert.deepEqual(readdirSync(files.folder(WEB)).sort(), ["home.json", "logs", "work"]);
    const other = { ...WEB, index: 1 };
    files.create(other);
    assert.throws(() => files.write(other), { code: "ENOSPC" });
    assert.equal(existsSync(join(files.folder(other), "home.json")), false);
  });
});
