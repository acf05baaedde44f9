import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { replaceFile } from "../../lib/replace-file.ts";

describe("replaceFile", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wctl-replace-"));
    file = join(folder, "name");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("makes a file for its owner alone, or puts another in its place and leaves nothing beside it", () => {
    replaceFile(file, "one\n");
    const { ino } = statSync(file);
    if (process.platform !== "win32") chmodSync(file, 0o644);
    replaceFile(file, "two\n");
    assert.equal(readFileSync(file, "utf8"), "two\n");
    if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.notEqual(statSync(file).ino, ino, "the old one was written to");
    assert.deepEqual(readdirSync(folder), ["name"]);
  });

  it("writes through no link, and is not held up by what another process left in the middle", {
    skip: process.platform === "win32",
  }, () => {
    const victim = join(folder, "victim");
    writeFileSync(victim, "whole");
    symlinkSync(victim, file);
    symlinkSync(victim, `${file}.${process.pid}.tmp`);
    replaceFile(file, "mine");
    assert.deepEqual([readFileSync(victim, "utf8"), readFileSync(file, "utf8")], ["whole", "mine"]);
  });

  it("leaves the old one as it is when the new one cannot be put there", () => {
    mkdirSync(file);
    writeFileSync(join(file, "inside"), "");
    assert.throws(() => replaceFile(file, "new"));
    assert.deepEqual(readdirSync(folder), ["name"]);
  });
});
