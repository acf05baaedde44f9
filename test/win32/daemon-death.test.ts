import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { loadWinapi } from "../../runtime/win32/ffi/winapi.ts";
import { HeldProcess } from "../../runtime/win32/process/held-process.ts";
import type { Win32Runtime } from "../../runtime/win32/win32-runtime.ts";
import { eventually } from "../eventually.ts";
import { endAll } from "../runtime/end-all.ts";
import { Observer } from "../runtime/observer.ts";
import { launchSpec } from "../runtime/specs.ts";
import { living, livingOnce } from "./living.ts";
import { isWindows } from "./platform.ts";
import { makeWin32Harness, type Win32Harness } from "./win32-harness.ts";
import { witness } from "./witness.ts";

const skip = isWindows ? false : "needs Windows: make test-windows";
const HOST = fileURLToPath(new URL("runtime-host.ts", import.meta.url));

async function startHost(
  dataDir: string,
  count: number,
): Promise<{ host: ChildProcess; ready: Promise<string>; said: () => string }> {
  const host = spawn(process.execPath, [HOST, dataDir, String(count)], { stdio: ["pipe", "pipe", "inherit"] });
  let text = "";
  host.stdout!.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ready = eventually(() => {
    if (hasEnded(host)) throw new Error(`the host ended: ${text}`);
    return /^ready\r?$/m.test(text) && text;
  }, "the host is ready");
  return { host, ready, said: () => text };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** TerminateProcess: as hard as it gets. */
async function killHard(host: ChildProcess): Promise<void> {
  if (hasEnded(host)) return;
  const gone = new Promise((resolve) => host.once("exit", resolve));
  host.kill("SIGKILL");
  await gone;
}

async function clean(runtime: Win32Runtime, harness: Win32Harness): Promise<void> {
  try {
    await endAll(runtime);
  } finally {
    await runtime.close(); // Its threads would keep the test alive.
  }
  await harness.dispose();
}

describe("the death of the daemon on Windows", { skip }, () => {
  it("changes no workload, whether the daemon started or adopted it: none lost and none twice", async () => {
    const harness = makeWin32Harness();
    const COUNT = 12;
    let pids: string | undefined;
    try {
      for (let round = 0; round < 2; round++) {
        const { host, ready } = await startHost(harness.dataDir, COUNT);
        await ready;
        await killHard(host);
        const alive = await livingOnce(harness.dataDir);
        assert.equal(alive.size, COUNT);
        const now = JSON.stringify([...alive].sort());
        assert.equal(now, pids ?? now, "the same processes as before");
        pids = now;
      }
    } finally {
      const runtime = await harness.open();
      await runtime.recover();
      await clean(runtime, harness);
    }
  });

  it("while it starts workloads leaves each of them once, whenever it comes", async () => {
    const harness = makeWin32Harness();
    const COUNT = 8;
    try {
      // One is started, then two more, then three. After that the others are, and all of these are adopted.
      for (let round = 0; round < 3; round++) {
        const { host, ready, said } = await startHost(harness.dataDir, COUNT);
        await Promise.race([
          ready.catch(() => ""),
          eventually(() => hasEnded(host) || said().split("started").length > round + 1, "some are started"),
        ]);
        await killHard(host);
        await livingOnce(harness.dataDir);
      }
      const { host, ready } = await startHost(harness.dataDir, COUNT);
      await ready;
      await killHard(host);
      const alive = await livingOnce(harness.dataDir);
      assert.deepEqual(
        [...alive.values()].map((list) => list.length),
        Array(COUNT).fill(1),
      );
    } finally {
      const runtime = await harness.open();
      await runtime.recover();
      await clean(runtime, harness);
    }
  });

  it("takes no exit code from who ends under the next daemon", async () => {
    const harness = makeWin32Harness();
    let runtime = await harness.open();
    await runtime.recover();
    const script =
      "const fs = require('fs'); const t = setInterval(() => { if (fs.existsSync('go')) process.exit(42) }, 20)";
    await runtime.start(launchSpec({ uid: "a", command: process.execPath, args: ["-e", script] }));
    await runtime.close();
    runtime = await harness.open();
    const seen = new Observer(runtime);
    const [state] = await runtime.recover();
    assert.equal(state?.adopted, true);
    const [run] = await runtime.runs("a");
    writeFileSync(join(run!.stdout, "..", "..", "work", "go"), "");
    assert.equal((await seen.saw("exited", "a")).exit.code, 42);
    await seen.saw("tree-ended", "a");
    await clean(runtime, harness);
  });

  it("knows how it ended though nobody watched: the keeper held its handle", async () => {
    const harness = makeWin32Harness();
    let runtime = await harness.open();
    await runtime.recover();
    const { pid } = await runtime.start(launchSpec({ uid: "a", ...witness }));
    await runtime.close();
    process.kill(pid, "SIGKILL");
    await eventually(() => living(harness.dataDir).size === 0, "it is gone");
    runtime = await harness.open();
    const [state] = await runtime.recover();
    assert.equal(state?.phase, "exited");
    assert.equal(state?.exit?.code, 1, "as Node ends a process by force");
    assert.equal(state?.treeAlive, false);
    await clean(runtime, harness);
  });

  it("leaves no keeper behind when nothing lives, and the same one while something does", async () => {
    const harness = makeWin32Harness();
    let runtime = await harness.open();
    await runtime.recover();
    const keeper = () =>
      Number.parseInt(JSON.parse(readFileSync(join(harness.dataDir, "keeper.json"), "utf8")).keeper, 10);
    await runtime.start(launchSpec({ uid: "a", ...witness }));
    const first = keeper();
    await runtime.close();
    runtime = await harness.open();
    await runtime.recover();
    await runtime.start(launchSpec({ uid: "b", ...witness }));
    assert.equal(keeper(), first);
    await clean(runtime, harness);
    assert.throws(() => process.kill(first, 0), "it is gone");
  });
});

describe("a run record on Windows", { skip }, () => {
  let decoy: ChildProcess;
  before(() => {
    decoy = spawn(process.execPath, ["-e", "setInterval(() => {}, 1 << 30)"], { stdio: "ignore" });
  });
  after(() => killHard(decoy));

  const recordFile = (harness: Win32Harness) => {
    const folder = join(harness.dataDir, "instances", "a");
    return join(folder, readdirSync(folder).find((name) => name.startsWith("run-"))!);
  };

  it("with the pid of a stranger is not believed: nothing is ended, the run is over", async () => {
    const harness = makeWin32Harness();
    let runtime = await harness.open();
    await runtime.recover();
    const state = await runtime.start(launchSpec({ uid: "a", ...witness }));
    await runtime.kill("a");
    await runtime.close();
    const file = recordFile(harness);
    const lines = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => !line.includes('"exit"'));
    writeFileSync(file, lines.join("\n").replaceAll(`"pid":${state.pid}`, `"pid":${decoy.pid}`));
    runtime = await harness.open();
    const [found] = await runtime.recover();
    assert.equal(found?.phase, "exited");
    assert.equal(found?.exit?.unknown, true);
    assert.equal(await runtime.requestStop("a", "CtrlC"), false);
    await runtime.kill("a");
    assert.equal(decoy.exitCode, null);
    await clean(runtime, harness);
  });

  it("of an intent whose process was never created is dropped, and its number is free again", async () => {
    const harness = makeWin32Harness();
    let runtime = await harness.open();
    await runtime.recover();
    await runtime.start(launchSpec({ uid: "a", ...witness }));
    await runtime.kill("a");
    await runtime.close();
    writeFileSync(recordFile(harness), `${readFileSync(recordFile(harness), "utf8").split("\n")[0]}\n`);
    runtime = await harness.open();
    assert.deepEqual(await runtime.recover(), []);
    await runtime.start(launchSpec({ uid: "a", ...witness }));
    await clean(runtime, harness);
  });

  it("that names a job of somebody else's is not believed", async () => {
    const harness = makeWin32Harness();
    let runtime = await harness.open();
    await runtime.recover();
    const { pid } = await runtime.start(launchSpec({ uid: "a", ...witness }));
    await runtime.close();
    const api = loadWinapi();
    const name = `Local\\wctl-squatted-${process.pid}`;
    const squatted = api.CreateJobObjectW(null, name);
    api.AssignProcessToJobObject(squatted, HeldProcess.open(api, decoy.pid!)!.handle);
    appendFileSync(recordFile(harness), `${JSON.stringify({ job: name })}\n`);
    runtime = await harness.open();
    const [state] = await runtime.recover();
    assert.equal(state?.pid, pid);
    await runtime.kill("a");
    assert.equal(decoy.exitCode, null, "the stranger lives");
    assert.equal(runtime.get("a")?.treeAlive, false);
    api.CloseHandle(squatted);
    await clean(runtime, harness);
  });

  for (const [what, damage] of [
    ["torn", (file: string) => appendFileSync(file, '{"exit":{"co')],
    ["of zeros", (file: string) => writeFileSync(file, Buffer.alloc(4096))],
    ["empty", (file: string) => writeFileSync(file, "")],
  ] as const) {
    it(`that is ${what} does not hide the process it was about`, async () => {
      const harness = makeWin32Harness();
      let runtime = await harness.open();
      await runtime.recover();
      const { pid } = await runtime.start(launchSpec({ uid: "a", run: 4, ...witness }));
      await runtime.close();
      damage(recordFile(harness));
      runtime = await harness.open();
      const [state] = await runtime.recover();
      assert.equal(state?.pid, pid);
      assert.equal(state?.run, 4);
      assert.equal(state?.phase, "running");
      await runtime.kill("a");
      assert.equal(living(harness.dataDir).size, 0);
      await clean(runtime, harness);
    });
  }
});
