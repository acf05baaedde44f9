import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import type { PosixRuntime } from "../../../../runtime/posix/posix-runtime.ts";
import { isAlive, readStat } from "../../../../runtime/posix/process/proc.ts";
import { eventually } from "../../../eventually.ts";
import { bodyUnderTest } from "../../body-under-test.ts";
import { launchSpec } from "../../specs.ts";
import { markedProcesses } from "../marked.ts";
import { cgroupRoots, makePosixHarness, type PosixHarness } from "../posix-harness.ts";
import { fixture } from "../programs.ts";

for (const root of cgroupRoots()) {
  const skip = root === "none" && "it has no group of its own";
  describe(`a probe belongs to the tree of its workload (cgroups: ${root})`, () => {
    const body = bodyUnderTest(() => makePosixHarness(root));
    const marked = () => markedProcesses(body.harness.dataDir).get("a") ?? [];
    const probe = (script: string, timeoutMs = 600_000) =>
      body.runtime.exec("a", ["/bin/sh", "-c", script], { timeoutMs, maxOutput: 1000 });
    const forever = "echo begun; exec /bin/sleep 1000";
    let pid: number;
    beforeEach(async () => {
      ({ pid } = await body.start("a", "runs-forever"));
    });

    it("and ends with it", async () => {
      const result = probe(forever);
      await eventually(() => marked().length === 2, "the probe runs");
      await body.runtime.kill("a");
      assert.deepEqual(marked(), []);
      assert.deepEqual(await result, { timedOut: false, output: "begun\n" });
    });

    it("and ends when the daemon that waited for it is gone", { skip }, async () => {
      void probe(forever);
      await eventually(() => marked().length === 2, "the probe runs");
      await body.reopen();
      await eventually(() => marked().length === 1, "the probe is ended");
      assert.deepEqual(marked(), [pid]);
    });

    it("and is not asked to stop", { skip }, async () => {
      // It forks once: a fork in the moment of the end would be refused, and told by the shell.
      const result = probe("trap 'echo asked' TERM; /bin/sleep 1000 & echo begun; while :; do wait; done");
      await eventually(() => marked().length === 3, "the probe and its child run");
      await body.runtime.requestStop("a", "SIGTERM");
      await body.seen.saw("exited", "a");
      await body.runtime.kill("a");
      assert.equal((await result).output, "begun\n");
    });

    it("and is killed with its whole tree when it takes too long, and nothing else is", async () => {
      const result = await probe("/usr/bin/setsid /bin/sleep 1000 & echo begun; sleep 1000", 200);
      assert.deepEqual(result, { timedOut: true, output: "begun\n" });
      assert.deepEqual(marked(), [pid]);
      assert.equal(readStat(pid)?.state, "S");
    });

    it("and what a finished one has left behind is ended, in whatever session, and nothing else is", async () => {
      const { code, output } = await probe("/usr/bin/setsid /bin/sleep 1000 & (/bin/sleep 1000 &) ; echo done; exit 4");
      assert.deepEqual({ code, output }, { code: 4, output: "done\n" });
      assert.deepEqual(marked(), [pid]);
    });

    it("and what has begun to fork for ever is ended", async () => {
      const { code } = await probe("while :; do /bin/sleep 0.02; done & while :; do /bin/sleep 0.02; done & exit 0");
      assert.equal(code, 0);
      assert.deepEqual(marked(), [pid]);
    });
  });
}

describe("a probe of a workload with limits", () => {
  const body = bodyUnderTest(makePosixHarness);

  it("has its memory and its processor time within those of the workload", async () => {
    const { pid, unenforced } = await body.start("a", "runs-forever", { limits: { memory: 96 << 20, cpu: 0.5 } });
    if (unenforced.length > 0) return;
    const limited = readFileSync(`/proc/${pid}/cgroup`, "utf8")
      .split("\n")
      .filter((line) => /^\d+:(memory|cpu|):.*\/a$/.test(line));
    assert.notEqual(limited.length, 0);
    const { output } = await body.runtime.exec("a", ["/bin/cat", "/proc/self/cgroup"], {
      timeoutMs: 600_000,
      maxOutput: 10_000,
    });
    for (const group of limited) assert.ok(output.includes(group), `${output} is not in ${group}`);
  });
});

describe("groups that a workload has made inside its own", () => {
  const body = bodyUnderTest(makePosixHarness);

  it("are its own: left alone by the next daemon, asked to stop, and ended with it", async () => {
    const script =
      "/bin/sh -c \"trap 'echo asked' TERM; echo begun; while :; do /bin/sleep 0.02; done\" & wait; exec /bin/sleep 1000";
    const spec = launchSpec({ uid: "a", command: "/bin/sh", args: ["-c", `trap : TERM; ${script}`] });
    const { pid } = await body.runtime.start(spec);
    await eventually(() => body.harness.output("a") === "begun\n", "the child listens");
    const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
    const inner = join(groupOf(pid), "inner");
    mkdirSync(inner);
    writeFileSync(join(inner, "cgroup.procs"), String(child));
    await body.reopen();
    await body.runtime.requestStop("a", "SIGTERM");
    await eventually(() => body.harness.output("a").includes("asked"), "the child was asked");
    assert.ok(isAlive(readStat(child)));
    await body.runtime.kill("a");
    assert.ok(!isAlive(readStat(child)));
  });
});

describe("exec beside a workload", () => {
  let harness: PosixHarness;
  let runtime: PosixRuntime;
  const options = { timeoutMs: 5_000, maxOutput: 10_000 };
  const shell = (script: string, more = {}) => runtime.exec("a", ["/bin/sh", "-c", script], { ...options, ...more });
  before(async () => {
    harness = makePosixHarness();
    runtime = await harness.open();
    await runtime.recover();
    await runtime.start(launchSpec({ uid: "a", ...fixture("runs-forever"), env: { COLOUR: "blue" } }));
  });
  after(async () => {
    await runtime.kill("a");
    await runtime.forget("a");
    await runtime.close();
    await harness.dispose();
  });

  it("gives the exit code and both outputs", async () => {
    assert.deepEqual(await shell("echo out; echo err >&2; exit 3"), {
      code: 3,
      timedOut: false,
      output: "out\nerr\n",
    });
  });

  it("has no code when a signal ended it", async () => {
    assert.deepEqual(await shell("kill -9 $$"), { timedOut: false, output: "" });
  });

  it("has the environment and the working directory of the workload, and what is added", async () => {
    const { output } = await shell("echo $COLOUR $PORT $WCTL_INSTANCE_UID; pwd", { env: { PORT: "80" } });
    assert.equal(output, `blue 80 a\n${join(harness.dataDir, "homes", "a", "0", "work")}\n`);
  });

  it("keeps the beginning of much output and never blocks the program", async () => {
    const { code, output } = await shell("head -c 3000000 /dev/zero | tr '\\0' x; exit 0", { maxOutput: 1000 });
    assert.equal(code, 0);
    assert.equal(output, `${"x".repeat(1000)}\n[2999000 more bytes]`);
  });

  it("does not wait for a process that was left behind with the pipe", async () => {
    const { code, output } = await shell("sleep 1000 & echo done");
    assert.deepEqual({ code, output }, { code: 0, output: "done\n" });
  });

  it("fails as a start does", async () => {
    await assert.rejects(runtime.exec("a", ["/no/such/check"], options), { reason: "CommandNotFound" });
    await assert.rejects(runtime.exec("nobody", ["true"], options), { reason: "InvalidArgument" });
  });

  it("leaves no zombie and no descriptor behind", async () => {
    await shell("true");
    const fds = () => readdirSync("/proc/self/fd").length;
    const before = fds();
    await Promise.all(Array.from({ length: 20 }, () => shell("true")));
    await eventually(() => fds() <= before + 1, "what they held is closed");
  });
});

/** The folder of a process' group, in the usual hierarchy. */
function groupOf(pid: number): string {
  const [, path] = /^\d+:pids:(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))!;
  return join("/sys/fs/cgroup/pids", path!);
}
