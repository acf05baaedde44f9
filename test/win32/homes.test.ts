/** The homes of copies on Windows (docs/decisions/0034); who may do what in them is for a real one (docs/needs-real-windows.md). */
import assert from "node:assert/strict";
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { NamedCopy } from "../../runtime/homes/copy.ts";
import { HomeFiles } from "../../runtime/runs/home-files.ts";
import type { Win32Runtime } from "../../runtime/win32/win32-runtime.ts";
import type { Observer } from "../runtime/observer.ts";
import { sharedRuntime } from "../runtime/shared-runtime.ts";
import { launchSpec } from "../runtime/specs.ts";
import { isWindows } from "./platform.ts";
import { makeWin32Harness, type Win32Harness } from "./win32-harness.ts";

describe("the home of a copy on Windows", { skip: isWindows ? false : "needs Windows: make test-windows" }, () => {
  let harness: Win32Harness;
  let runtime: Win32Runtime;
  let seen: Observer;
  sharedRuntime(makeWin32Harness, (shared) => {
    ({ harness, runtime, seen } = shared);
  });
  const copy = (owner: string): NamedCopy => ({ owner, index: 0, namespace: "default", process: "web", revision: 1 });
  const files = () => new HomeFiles(harness.dataDir);

  /** What a line of JavaScript prints as a run of this copy. */
  async function says(uid: string, owner: string, script: string): Promise<string> {
    const args = ["-e", `const fs = require("fs"); ${script}`];
    await runtime.start(launchSpec({ uid, copy: copy(owner), command: process.execPath, args }));
    await seen.saw("tree-ended", uid);
    return readFileSync((await runtime.runs(uid)).at(-1)!.stdout, "utf8").trim();
  }

  it("keeps its files for the next Instance, and for the next Process of the name", async () => {
    runtime.homes.setOutliving(copy("old"), true);
    await says("a", "old", 'fs.mkdirSync("deep"); fs.writeFileSync("deep/data", "precious")');
    await runtime.forget("a", copy("old"));
    const { id, holder } = files().note(copy("old"))!;
    assert.equal(id, "old/0");
    assert.ok(holder?.startsWith("S-1-5-"), holder);
    const inHome = "process.cwd() === process.env.WCTL_STATE_DIR";
    const read = `console.log(fs.readFileSync("deep/data", "utf8"), ${inHome}); fs.appendFileSync("deep/data", "er")`;
    assert.equal(await says("b", "new", read), "precious true");
    await runtime.forget("b", copy("new"));
    assert.equal(files().id(copy("new")), "old/0", "a write-restricted copy writes on in its own files");
    const { runs, bytes } = await runtime.homes.measure(copy("new"), 100);
    assert.equal(runs, 2);
    assert.ok(bytes > 0);
  });

  it("is removed though somebody has a file open in it, as soon as that is closed", async () => {
    const open = openSync(join(files().work(copy("new")), "deep", "data"), "r");
    const removed = runtime.homes.remove(copy("new"));
    closeSync(open);
    assert.equal(await removed, true);
    assert.equal(existsSync(files().folder(copy("new"))), false);
    assert.deepEqual(readdirSync(files().root), ["old"], "only that its homes outlived it is noted");
  });
});
