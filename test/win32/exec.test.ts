import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { loadWinapi } from "../../runtime/win32/ffi/winapi.ts";
import { HeldProcess } from "../../runtime/win32/process/held-process.ts";
import type { Win32Runtime } from "../../runtime/win32/win32-runtime.ts";
import { eventually } from "../eventually.ts";
import { endAll } from "../runtime/end-all.ts";
import { launchSpec } from "../runtime/specs.ts";
import { isWindows } from "./platform.ts";
import { fixture, fixturePath, makeWin32Harness, type Win32Harness } from "./win32-harness.ts";

describe("a probe on Windows", { skip: isWindows ? false : "needs Windows: make test-windows" }, () => {
  let harness: Win32Harness;
  let runtime: Win32Runtime;
  before(async () => {
    harness = makeWin32Harness();
    runtime = await harness.open();
    await runtime.recover();
  });
  afterEach(async () => {
    await endAll(runtime);
  });
  after(async () => {
    await runtime.close();
    await harness.dispose();
  });

  const spec = () => launchSpec({ uid: "a", ...fixture("runs-forever"), env: { FROM_SPEC: "grün", Other: "1" } });
  const start = () => runtime.start(spec());
  const node = (script: string) => [process.execPath, "-e", script];
  const options = { timeoutMs: 20_000, maxOutput: 10_000 };

  it("tells code and output, both streams together", async () => {
    await start();
    const script = "console.log('out'); console.error('err'); process.exitCode = 3";
    assert.deepEqual(await runtime.exec("a", node(script), options), {
      code: 3,
      timedOut: false,
      output: "out\nerr\n",
    });
  });

  it("has the workload's environment, working directory and more", async () => {
    await start();
    const script =
      "console.log(JSON.stringify([process.cwd(), process.env.FROM_SPEC, process.env.OTHER, process.env.WCTL_RUN]))";
    const { output } = await runtime.exec("a", node(script), { ...options, env: { OTHER: "2" } });
    const [run] = await runtime.runs("a");
    const work = run!.stdout.replace(/logs\\1\.out$/, "work");
    assert.deepEqual(JSON.parse(output), [work, "grün", "2", "1"]);
  });

  it("has them also when the workload was adopted", async () => {
    await start();
    await runtime.close();
    runtime = await harness.open();
    await runtime.recover();
    runtime.resolveWith(spec);
    const { output, code } = await runtime.exec("a", node("console.log(process.env.FROM_SPEC)"), options);
    assert.deepEqual([code, output], [0, "grün\n"]);
  });

  it("keeps the first bytes of much output, and is not held up by it", async () => {
    await start();
    const { output, code } = await runtime.exec("a", [process.execPath, fixturePath("floods-stdout"), "20000"], {
      ...options,
      maxOutput: 100,
    });
    assert.equal(code, 0);
    assert.match(output, /^line 000000000 .*\n.*\n\[\d+ more bytes\]$/s);
  });

  it("is ended with its whole tree when its time is over, and the workload is not", async () => {
    await start();
    const script = `const { spawn } = require("node:child_process");
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1 << 30)"], { detached: true, stdio: "ignore" });
      console.log(child.pid); setInterval(() => {}, 1 << 30);`;
    const result = await runtime.exec("a", node(script), { timeoutMs: 3_000, maxOutput: 100 });
    assert.equal(result.timedOut, true);
    assert.equal(result.code, undefined);
    const grandchild = Number(result.output);
    assert.ok(grandchild > 0, result.output);
    await eventually(() => hasEnded(grandchild), "the grandchild is gone");
    assert.equal(runtime.get("a")?.phase, "running");
  });

  it("ends with what it has left behind when it has finished, and the workload does not", async () => {
    await start();
    const script = `const { spawn } = require("node:child_process");
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1 << 30)"], { detached: true, stdio: "ignore" });
      console.log(child.pid); process.exit(4);`;
    const result = await runtime.exec("a", node(script), { timeoutMs: 60_000, maxOutput: 100 });
    assert.equal(result.code, 4);
    const grandchild = Number(result.output);
    assert.ok(grandchild > 0, result.output);
    await eventually(() => hasEnded(grandchild), "the grandchild is gone");
    assert.equal(runtime.get("a")?.phase, "running");
  });

  it("can't be run beside what does not run, and says what it can't start", async () => {
    await assert.rejects(runtime.exec("nobody", ["cmd"], options), { reason: "InvalidArgument" });
    await start();
    await assert.rejects(runtime.exec("a", ["C:\\no\\such.exe"], options), { reason: "CommandNotFound" });
    await assert.rejects(runtime.exec("a", ["x.cmd"], options), { reason: "ScriptRefused" });
  });
});

function hasEnded(pid: number): boolean {
  const held = HeldProcess.open(loadWinapi(), pid);
  const gone = !held || held.hasEnded;
  held?.close();
  return gone;
}
