import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Copy } from "../../../runtime/homes/copy.ts";
import { enterHome } from "../../../runtime/runs/enter-home.ts";
import { InstanceFiles } from "../../../runtime/runs/instance-files.ts";
import { RunRecords } from "../../../runtime/runs/run-records.ts";

const NOW = "2026-01-01T00:00:00.000Z";
const WEB = { owner: "p", index: 0, namespace: "default", process: "web", revision: 1 };

describe("an Instance that enters a home", () => {
  let dataDir: string;
  let files: InstanceFiles;
  const enter = (uid: string, copy = WEB): Copy =>
    enterHome({ files, records: new RunRecords(files) }, uid, copy, NOW, "S-1-5-107-7//");

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "wctl-enter-"));
    files = new InstanceFiles(dataDir);
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it("makes its holder known with it, when it is new and empty", () => {
    enter("a");
    assert.deepEqual(files.homes.note(WEB), {
      ...WEB,
      createdAt: NOW,
      holder: "S-1-5-107-7//",
      id: "p/0",
      instance: "a",
    });
    assert.deepEqual(files.copyOf("a"), { owner: "p", index: 0 });
  });

  it("leaves it open who has what a version before 0.2 has put there", () => {
    mkdirSync(join(files.folder("a"), "work"), { recursive: true });
    writeFileSync(join(files.folder("a"), "work", "data"), "");
    enter("a");
    assert.deepEqual(readdirSync(files.homes.work(WEB)), ["data"]);
    assert.equal(files.homes.note(WEB)!.holder, undefined);
  });

  it("leaves the holder of one that is there to whoever gives it", () => {
    files.homes.create(WEB);
    files.homes.write({ ...WEB, createdAt: NOW, holder: "S-1-5-107-8//" });
    enter("a");
    assert.equal(files.homes.note(WEB)!.holder, "S-1-5-107-8//");
  });

  it("writes both notes anew where a daemon was killed while it wrote the first", () => {
    files.homes.create(WEB);
    files.create("a");
    writeFileSync(join(files.homes.folder(WEB), "home.json"), '{"owner":"p","ind');
    writeFileSync(join(files.folder("a"), "home.json"), "");
    assert.equal(files.copyOf("a"), undefined);
    enter("a");
    assert.equal(files.homes.note(WEB)!.instance, "a");
    assert.deepEqual(files.copyOf("a"), { owner: "p", index: 0 });
    assert.deepEqual(readdirSync(files.folder("a")), ["home.json"]);
  });

  it("stays in the home that it has, whatever its copy is called now, and tells which that is", () => {
    assert.deepEqual(enter("a"), WEB);
    const { owner, index } = WEB;
    assert.deepEqual(enter("a", { ...WEB, index: 7 }), { owner, index });
  });
});
