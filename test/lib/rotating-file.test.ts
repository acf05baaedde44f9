import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { RotatingFile } from "../../lib/rotating-file.ts";

const isWindows = process.platform === "win32";

describe("RotatingFile", () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "wctl-rotate-"));
    path = join(directory, "log");
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("moves aside before it outgrows maxBytes, keeps maxFiles, and never splits an append", async () => {
    const file = new RotatingFile({ path, maxBytes: 10, maxFiles: 3 });
    for (const text of ["1111\n", "2222\n", "3333\n", "4444\n", "5555\n", "6666\n", "7777\n", "a line of its own\n"]) {
      await file.append(text);
    }
    await file.close();
    assert.deepEqual(readdirSync(directory).sort(), ["log", "log.1", "log.2"]);
    const text = (name: string) => readFileSync(join(directory, name), "utf8");
    assert.deepEqual([text("log.2"), text("log.1"), text("log")], ["5555\n6666\n", "7777\n", "a line of its own\n"]);
  });

  it("starts over in the same file when it is the only one", async () => {
    const file = new RotatingFile({ path, maxBytes: 10, maxFiles: 1 });
    for (const text of ["1111\n", "2222\n", "3333\n"]) await file.append(text);
    await file.close();
    assert.deepEqual(readdirSync(directory), ["log"]);
    assert.equal(readFileSync(path, "utf8"), "3333\n");
  });

  it("goes on in an existing file and closes it to others", async () => {
    writeFileSync(path, "before\n", { mode: 0o644 });
    const file = new RotatingFile({ path, maxBytes: 100, maxFiles: 2 });
    await file.append("after\n");
    await file.close();
    assert.equal(readFileSync(path, "utf8"), "before\nafter\n");
    if (!isWindows) assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it("does not write through a link", { skip: isWindows && "Windows has no O_NOFOLLOW" }, async () => {
    const victim = join(directory, "victim");
    writeFileSync(victim, "untouched");
    symlinkSync(victim, path);
    const file = new RotatingFile({ path, maxBytes: 100, maxFiles: 2 });
    await assert.rejects(file.append("text\n"), { code: "ELOOP" });
    assert.equal(readFileSync(victim, "utf8"), "untouched");
  });

  it("reports a full disk, again and again", { skip: isWindows && "Windows has no /dev/full" }, async () => {
    const file = new RotatingFile({ path: "/dev/full", maxBytes: 1_000, maxFiles: 1 });
    await assert.rejects(file.append("text\n"), { code: "ENOSPC" });
    await assert.rejects(file.append("text\n"), { code: "ENOSPC" });
    await file.close();
  });
});
