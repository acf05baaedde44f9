import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { bundleWorkers } from "../../scripts/test/bundle-workers.ts";

const hook = "scripts/test/bundled-workers.mjs";

describe("a thread of the product, in a test", () => {
  let root: string;
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  /** What the thread says when a test file starts it. */
  const said = (): string => {
    const args = ["--disable-warning=ExperimentalWarning", `--import=${join(root, hook)}`, join(root, "main.mjs")];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    return stdout || stderr;
  };
  before(() => {
    root = mkdtempSync(join(tmpdir(), "wctl-workers-"));
    cpSync(join(import.meta.dirname, "../..", hook), join(root, hook));
    write("store/said.ts", 'export const said: string = "source";');
    write("store/room/says-worker.ts", 'import { said } from "../said.ts"; process.stdout.write(said);');
    write(
      "main.mjs",
      'import { Worker } from "node:worker_threads"; new Worker(new URL("./store/room/says-worker.ts", import.meta.url));',
    );
  });
  after(() => rmSync(root, { recursive: true }));

  it("begins from its bundle, unless that is missing or older than anything it was made of", async () => {
    assert.equal(said(), "source");
    await bundleWorkers(root);
    const bundle = join(root, "build/workers/says-worker.mjs");
    writeFileSync(bundle, readFileSync(bundle, "utf8").replace('"source"', '"bundle"'));
    assert.equal(said(), "bundle");
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(root, "store/said.ts"), later, later);
    assert.equal(said(), "source");
    rmSync(bundle);
    assert.equal(said(), "source");
  });
});
