import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, it } from "node:test";
import type { CgroupRoot } from "../../../runtime/posix/containment/choose-containment.ts";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { readStat } from "../../../runtime/posix/process/proc.ts";
import { bundled } from "../../bundled.ts";
import { eventually } from "../../eventually.ts";
import { endAll } from "../end-all.ts";
import { Observer } from "../observer.ts";
import { launchSpec } from "../specs.ts";
import { markedProcesses } from "./marked.ts";
import { cgroupRoots, fixture, makePosixHarness, type PosixHarness } from "./posix-harness.ts";

const COUNT = 12;
const script = await bundled(new URL("./runtime-host.ts", import.meta.url));
const hosts = new Set<Host>();
const opened: { harness: PosixHarness; runtimes: Set<PosixRuntime> }[] = [];

function trackedHarness(root?: CgroupRoot): PosixHarness {
  const harness = makePosixHarness(root);
  const runtimes = new Set<PosixRuntime>();
  opened.push({ harness, runtimes });
  const open = async (): Promise<PosixRuntime> => {
    const runtime = await harness.open();
    runtimes.add(runtime);
    return runtime;
  };
  return { ...harness, open };
}

/** A test that failed half-way leaves neither hosts nor workloads nor threads behind. */
afterEach(async () => {
  for (const host of hosts) await host.die();
  hosts.clear();
  for (const { harness, runtimes } of opened.splice(0)) {
    for (const runtime of runtimes) await runtime.close();
    if (!existsSync(harness.dataDir)) continue;
    const last = await harness.open();
    await last.recover();
    await clean(last, harness);
  }
});

class Host {
  readonly child: ChildProcess;
  readonly lines: string[] = [];

  constructor(dataDir: string, cgroupRoot: string) {
    const args = ["--disable-warning=ExperimentalWarning", script, dataDir, cgroupRoot, String(COUNT)];
    this.child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    hosts.add(this);
    createInterface({ input: this.child.stdout! }).on("line", (line) => this.lines.push(line));
  }

  async says(text: string): Promise<void> {
    await eventually(() => this.lines.includes(text), `the host says ${text}`);
  }

  async die(): Promise<void> {
    hosts.delete(this);
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    if (this.child.kill("SIGKILL")) await gone;
  }
}

const living = (dataDir: string): Map<string, number[]> => markedProcesses(dataDir);

async function clean(runtime: PosixRuntime, harness: PosixHarness): Promise<void> {
  await endAll(runtime);
  await runtime.close();
  await harness.dispose();
}

for (const root of cgroupRoots()) {
  describe(`kill -9 of the daemon (cgroups: ${root})`, () => {
    it("while it starts instances: each has one process at most, none is lost, the next daemon has them all", async () => {
      const harness = trackedHarness(root);
      let seed = 1;
      for (let round = 0; round < 5; round++) {
        const host = new Host(harness.dataDir, root);
        seed = (seed * 48271) % 2147483647;
        await eventually(() => host.lines.some((line) => line.startsWith("recovered")), "the host has begun");
        await new Promise((resolve) => setTimeout(resolve, seed % 40));
        for (const pids of [...living(harness.dataDir).values()].slice(0, seed % 4))
          killIfStillOurs(harness.dataDir, pids[0]!);
        await new Promise((resolve) => setTimeout(resolve, seed % 7));
        await host.die();
        for (const [uid, pids] of living(harness.dataDir)) assert.equal(pids.length, 1, `${uid}: ${pids}`);
      }
      const before = living(harness.dataDir);
      const runtime = await harness.open();
      const states = await runtime.recover();
      const adopted = new Map(states.filter(({ phase }) => phase === "running").map(({ uid, pid }) => [uid, [pid]]));
      assert.deepEqual(new Map([...adopted].sort()), new Map([...before].sort()));
      await clean(runtime, harness);
    });

    it("leaves every workload as it is, and sees how those ended that ended meanwhile", async () => {
      const harness = trackedHarness(root);
      const first = new Host(harness.dataDir, root);
      await first.says("ready");
      const before = living(harness.dataDir);
      assert.equal(before.size, COUNT);
      await first.die();
      assert.deepEqual(living(harness.dataDir), before);
      killIfStillOurs(harness.dataDir, before.get("w-0")![0]!);
      await eventually(() => !living(harness.dataDir).has("w-0"), "the workload has ended");
      const runtime = await harness.open();
      const states = new Map((await runtime.recover()).map((state) => [state.uid, state]));
      assert.equal(states.size, COUNT);
      const ended = states.get("w-0")!;
      assert.equal(ended.phase, "exited");
      assert.ok(ended.exit?.unknown === true || ended.exit?.signal === "SIGKILL");
      for (const [uid, [pid]] of before) if (uid !== "w-0") assert.equal(states.get(uid)?.pid, pid);
      await clean(runtime, harness);
    });

    it("an adopted workload is no child of ours: its exit is told at once, exactly or as unknown", async () => {
      const harness = trackedHarness(root);
      const first = new Host(harness.dataDir, root);
      await first.says("ready");
      await first.die();
      const runtime = await harness.open();
      const seen = new Observer(runtime);
      await runtime.recover();
      await runtime.requestStop("w-1", "SIGTERM");
      const { exit } = await seen.saw("exited", "w-1");
      assert.ok(exit.signal === "SIGTERM" || exit.unknown === true);
      await clean(runtime, harness);
    });
  });
}

function killIfStillOurs(dataDir: string, pid: number): void {
  if ([...living(dataDir).values()].flat().includes(pid)) process.kill(pid, "SIGKILL");
}

describe("a run record", () => {
  const decoy = async (harness: PosixHarness, change: (record: string) => string) => {
    let runtime = await harness.open();
    await runtime.recover();
    const state = await runtime.start(launchSpec({ uid: "a", ...fixture("runs-forever") }));
    await runtime.kill("a");
    await runtime.close();
    const innocent = spawn("/bin/sleep", ["1000"], { stdio: "ignore" });
    const folder = join(harness.dataDir, "instances", "a");
    const file = join(folder, readdirSync(folder).find((name) => name.startsWith("run-"))!);
    const text = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => !line.includes('"exit"'))
      .join("\n");
    writeFileSync(file, change(text.replaceAll(`"pid":${state.pid}`, `"pid":${innocent.pid}`)));
    runtime = await harness.open();
    return { runtime, innocent };
  };

  it("with the pid of a stranger is not believed: nothing is signalled, the run is over", async () => {
    const harness = trackedHarness();
    const { runtime, innocent } = await decoy(harness, (record) => record);
    try {
      const [state] = await runtime.recover();
      assert.equal(state?.phase, "exited");
      assert.equal(state?.exit?.unknown, true);
      assert.equal(await runtime.requestStop("a", "SIGKILL"), false);
      await runtime.kill("a");
      assert.ok(readStat(innocent.pid!) && readStat(innocent.pid!)!.state !== "Z");
    } finally {
      innocent.kill("SIGKILL");
      await clean(runtime, harness);
    }
  });

  it("with the pid and the time of a stranger that started in the same moment is not believed", async () => {
    const harness = trackedHarness();
    const { runtime, innocent } = await decoy(harness, (record) => {
      const { pid } = JSON.parse(record.split("\n").find((line) => line.includes('"pid"'))!) as { pid: number };
      return record.replace(/("creationTime":"[^"]*\/)\d+"/, `$1${readStat(pid)!.startTicks}"`);
    });
    try {
      const [state] = await runtime.recover();
      assert.equal(state?.phase, "exited");
      assert.ok(readStat(innocent.pid!) && readStat(innocent.pid!)!.state !== "Z");
    } finally {
      innocent.kill("SIGKILL");
      await clean(runtime, harness);
    }
  });

  it("with the creation time of another boot is not believed", async () => {
    const harness = trackedHarness();
    const { runtime, innocent } = await decoy(harness, (record) =>
      record.replace(
        /"creationTime":"[^"]*\/\d+"/,
        `"creationTime":"00000000-0000-0000-0000-000000000000/${readStat(process.pid)!.startTicks}"`,
      ),
    );
    try {
      const [state] = await runtime.recover();
      assert.equal(state?.phase, "exited");
      assert.ok(readStat(innocent.pid!) && readStat(innocent.pid!)!.state !== "Z");
    } finally {
      innocent.kill("SIGKILL");
      await clean(runtime, harness);
    }
  });

  it("of an intent whose process was never started is dropped, and its number is free again", async () => {
    const harness = trackedHarness();
    let runtime = await harness.open();
    await runtime.recover();
    await runtime.start(launchSpec({ uid: "a", ...fixture("runs-forever") }));
    await runtime.kill("a");
    await runtime.close();
    const file = join(harness.dataDir, "instances", "a", "run-1.jsonl");
    writeFileSync(file, `${readFileSync(file, "utf8").split("\n")[0]}\n`);
    runtime = await harness.open();
    assert.deepEqual(await runtime.recover(), []);
    await runtime.start(launchSpec({ uid: "a", ...fixture("runs-forever") }));
    await clean(runtime, harness);
  });

  it("of an intent without a process leaves the run before it as the newest", async () => {
    const harness = trackedHarness();
    let runtime = await harness.open();
    await runtime.recover();
    for (const run of [1, 2]) {
      await runtime.start(launchSpec({ uid: "a", run, ...fixture("runs-forever") }));
      await runtime.kill("a");
    }
    await runtime.close();
    const file = join(harness.dataDir, "instances", "a", "run-2.jsonl");
    writeFileSync(file, `${readFileSync(file, "utf8").split("\n")[0]}\n`);
    runtime = await harness.open();
    const [state] = await runtime.recover();
    assert.equal(state?.run, 1);
    assert.equal(state?.exit?.signal, "SIGKILL");
    await clean(runtime, harness);
  });

  for (const [what, damage] of [
    ["torn", (file: string) => appendFileSync(file, '{"exit":{"co')],
    ["of zeros", (file: string) => writeFileSync(file, Buffer.alloc(4096))],
    ["empty", (file: string) => writeFileSync(file, "")],
    ["of something else", (file: string) => writeFileSync(file, '[1,2]\nnull\n"x"\n')],
  ] as const) {
    for (const root of cgroupRoots()) {
      it(`that is ${what} does not hide the process it was about, nor its account (cgroups: ${root})`, async () => {
        const harness = trackedHarness(root);
        let runtime = await harness.open();
        await runtime.recover();
        const { pid } = await runtime.start(launchSpec({ uid: "a", run: 4, ...fixture("runs-forever") }));
        await runtime.close();
        damage(join(harness.dataDir, "instances", "a", "run-4.jsonl"));
        runtime = await harness.open();
        const [state] = await runtime.recover();
        assert.equal(state?.pid, pid);
        assert.equal(state?.run, 4);
        assert.equal(state?.phase, "running");
        runtime.resolveWith((uid) => launchSpec({ uid, ...fixture("runs-forever") }));
        const probe = await runtime.exec("a", ["/bin/true"], { timeoutMs: 10_000, maxOutput: 10 });
        assert.equal(probe.code, 0);
        await clean(runtime, harness);
      });
    }
  }
});
