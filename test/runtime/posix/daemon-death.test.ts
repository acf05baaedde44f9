import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, it } from "node:test";
import type { CgroupRoot } from "../../../runtime/posix/containment/choose-containment.ts";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { readStat } from "../../../runtime/posix/process/proc.ts";
import { bundled } from "../../bundled.ts";
import { eventually } from "../../eventually.ts";
import { bodyUnderTest } from "../body-under-test.ts";
import { endAll } from "../end-all.ts";
import { Observer } from "../observer.ts";
import { launchSpec } from "../specs.ts";
import { markedProcesses } from "./marked.ts";
import { cgroupRoots, makePosixHarness, type PosixHarness } from "./posix-harness.ts";
import { fixture } from "./programs.ts";

const COUNT = 12;
/** Daemons that are killed while they start instances, before one that has started all. */
const ROUNDS = 2;
const script = await bundled(new URL("./runtime-host.ts", import.meta.url));
const hosts = new Set<Host>();
const opened: { harness: PosixHarness; runtimes: Set<PosixRuntime> }[] = [];

function trackedHarness(root: CgroupRoot): PosixHarness {
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
async function cleanUp(): Promise<void> {
  for (const host of hosts) await host.die();
  hosts.clear();
  for (const { harness, runtimes } of opened.splice(0)) {
    for (const runtime of runtimes) await runtime.close();
    if (!existsSync(harness.dataDir)) continue;
    const last = await harness.open();
    await last.recover();
    await clean(last, harness);
  }
}

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
    await eventually(() => {
      assert.equal(this.child.exitCode, null, "the host has ended by itself");
      return this.lines.some((line) => line.startsWith(text));
    }, `the host says ${text}`);
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
    afterEach(cleanUp);

    it("while it starts instances, or when they run: each has one process at most, none is lost, the next daemon has them all", async () => {
      const harness = trackedHarness(root);
      let seed = 1;
      for (let round = 0; round < ROUNDS; round++) {
        const host = new Host(harness.dataDir, root);
        seed = (seed * 48271) % 2147483647;
        await host.says("recovered");
        await new Promise((resolve) => setTimeout(resolve, seed % 40));
        for (const pids of [...living(harness.dataDir).values()].slice(0, seed % 4))
          killIfStillOurs(harness.dataDir, pids[0]!);
        await new Promise((resolve) => setTimeout(resolve, seed % 7));
        await host.die();
        for (const [uid, pids] of living(harness.dataDir)) assert.equal(pids.length, 1, `${uid}: ${pids}`);
      }
      const last = new Host(harness.dataDir, root);
      await last.says("ready");
      const before = living(harness.dataDir);
      assert.equal(before.size, COUNT);
      for (const [uid, pids] of before) assert.equal(pids.length, 1, `${uid}: ${pids}`);
      await last.die();
      assert.deepEqual(living(harness.dataDir), before);

      killIfStillOurs(harness.dataDir, before.get("w-0")![0]!);
      await eventually(() => !living(harness.dataDir).has("w-0"), "the workload has ended");
      const runtime = await harness.open();
      const seen = new Observer(runtime);
      const states = new Map((await runtime.recover()).map((state) => [state.uid, state]));
      assert.equal(states.size, COUNT);
      const ended = states.get("w-0")!;
      assert.equal(ended.phase, "exited");
      assert.ok(ended.exit?.unknown === true || ended.exit?.signal === "SIGKILL");
      for (const [uid, [pid]] of before) if (uid !== "w-0") assert.equal(states.get(uid)?.pid, pid);
      await runtime.requestStop("w-1", "SIGTERM");
      const { exit } = await seen.saw("exited", "w-1"); // It is no child of this daemon.
      assert.ok(exit.signal === "SIGTERM" || exit.unknown === true);
      await clean(runtime, harness);
    });
  });
}

function killIfStillOurs(dataDir: string, pid: number): void {
  if ([...living(dataDir).values()].flat().includes(pid)) process.kill(pid, "SIGKILL");
}

describe("a run record", () => {
  const body = bodyUnderTest(makePosixHarness);
  const innocents: ChildProcess[] = [];
  afterEach(() => {
    for (const innocent of innocents.splice(0)) innocent.kill("SIGKILL");
  });
  const recordFile = (run: number) => join(body.harness.dataDir, "instances", "a", `run-${run}.jsonl`);
  const runAndKill = async (run: number): Promise<number> => {
    const { pid } = await body.start("a", "runs-forever", { run });
    await body.runtime.kill("a");
    return pid;
  };
  const keepIntent = (run: number): void =>
    writeFileSync(recordFile(run), `${readFileSync(recordFile(run), "utf8").split("\n")[0]}\n`);
  const livesStill = (pid: number): boolean => readStat(pid) !== undefined && readStat(pid)?.state !== "Z";

  const startTicks = (pid: number) => readStat(pid)!.startTicks;
  for (const [what, change] of [
    ["the pid of a stranger", (record) => record],
    [
      "the pid and the time of a stranger that started in the same moment",
      (record, pid) => record.replace(/("creationTime":"[^"]*\/)\d+"/, `$1${startTicks(pid)}"`),
    ],
    [
      "the creation time of another boot",
      (record) =>
        record.replace(
          /"creationTime":"[^"]*\/\d+"/,
          `"creationTime":"00000000-0000-0000-0000-000000000000/${startTicks(process.pid)}"`,
        ),
    ],
  ] satisfies [string, (record: string, pid: number) => string][]) {
    it(`with ${what} is not believed: nothing is signalled, the run is over`, async () => {
      const ended = await runAndKill(1);
      const innocent = spawn("/bin/sleep", ["1000"], { stdio: "ignore" });
      innocents.push(innocent);
      const pid = innocent.pid!;
      const lines = readFileSync(recordFile(1), "utf8").split("\n");
      const unended = lines.filter((line) => !line.includes('"exit"')).join("\n");
      writeFileSync(recordFile(1), change(unended.replaceAll(`"pid":${ended}`, `"pid":${pid}`), pid));
      const [state] = await body.reopen();
      assert.equal(state?.phase, "exited");
      assert.equal(state?.exit?.unknown, true);
      assert.equal(await body.runtime.requestStop("a", "SIGKILL"), false);
      await body.runtime.kill("a");
      assert.ok(livesStill(pid));
    });
  }

  it("of an intent whose process was never started is dropped, and its number is free again", async () => {
    await runAndKill(1);
    keepIntent(1);
    assert.deepEqual(await body.reopen(), []);
    await body.start("a", "runs-forever");
  });

  it("of an intent without a process leaves the run before it as the newest", async () => {
    for (const run of [1, 2]) await runAndKill(run);
    keepIntent(2);
    const [state] = await body.reopen();
    assert.equal(state?.run, 1);
    assert.equal(state?.exit?.signal, "SIGKILL");
  });
});

const damages: [what: string, damage: (file: string) => void][] = [
  ["empty", (file) => writeFileSync(file, "")],
  ["torn", (file) => appendFileSync(file, '{"exit":{"co')],
  ["of zeros", (file) => writeFileSync(file, Buffer.alloc(4096))],
  ["of something else", (file) => writeFileSync(file, '[1,2]\nnull\n"x"\n')],
];
for (const root of cgroupRoots()) {
  describe(`a damaged run record (cgroups: ${root})`, () => {
    const body = bodyUnderTest(() => makePosixHarness(root));
    // What is read of a record is the same in each; where it tells nothing, what holds the tree together does.
    for (const [what, damage] of root === "auto" ? damages : damages.slice(0, 1)) {
      it(`that is ${what} does not hide the process it was about, nor its account`, async () => {
        const { pid } = await body.start("a", "runs-forever", { run: 4 });
        damage(join(body.harness.dataDir, "instances", "a", "run-4.jsonl"));
        const [state] = await body.reopen();
        assert.equal(state?.pid, pid);
        assert.equal(state?.run, 4);
        assert.equal(state?.phase, "running");
        body.runtime.resolveWith((uid) => launchSpec({ uid, ...fixture("runs-forever") }));
        const probe = await body.runtime.exec("a", ["/bin/true"], { timeoutMs: 10_000, maxOutput: 10 });
        assert.equal(probe.code, 0);
      });
    }
  });
}
