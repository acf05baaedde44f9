import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { identityOf, withEmbeddedFile } from "../../lib/embedded-file.ts";

describe("a file that the program carries", { skip: process.platform === "win32" && "ways of Unix" }, () => {
  const bytes = Buffer.from("#!/bin/true\n");
  let base: string;
  let folder: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "wctl-carried-"));
    folder = join(base, "native");
  });
  afterEach(() => {
    rmSync(base, { recursive: true, force: true });
  });
  const place = (): string => withEmbeddedFile("launch-1", bytes, (path) => path, [folder]);

  it("is known again as long as it is the very same", () => {
    const path = place();
    const identity = identityOf(path);
    assert.notEqual(identity, undefined);
    readFileSync(path);
    assert.equal(place(), path);
    assert.equal(identityOf(path), identity);
  });

  it("is not known when it was cleaned away and somebody made the path again (P22)", () => {
    const path = place();
    const identity = identityOf(path);
    renameSync(folder, join(base, "cleaned"));
    assert.equal(identityOf(path), undefined);
    mkdirSync(folder);
    writeFileSync(path, bytes, { mode: 0o500 });
    assert.notEqual(identityOf(path), identity);
    rmSync(folder, { recursive: true });
    symlinkSync("native", folder);
    assert.equal(identityOf(path), undefined, "a loop of links is no file");
  });
});
