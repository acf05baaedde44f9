import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { writeNote } from "../../../runtime/runs/write-note.ts";

describe("a note of the daemon's own", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wctl-note-"));
    file = join(folder, "home.json");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is written, and replaced whole", () => {
    writeNote(file, "first, and longer");
    writeNote(file, "second");
    assert.equal(readFileSync(file, "utf8"), "second");
    assert.deepEqual(readdirSync(folder), ["home.json"]);
  });

  it("stays as it was when its successor can't be written", () => {
    writeFileSync(file, "first");
    mkdirSync(join(folder, "home.json.new", "in-the-way"), { recursive: true });
    assert.throws(() => writeNote(file, "second"));
    assert.equal(readFileSync(file, "utf8"), "first");
  });
});
