import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { PosixRuntime } from "../../../../runtime/posix/posix-runtime.ts";
import { isAlive, readStat } from "../../../../runtime/posix/process/proc.ts";
import { eventually } from "../../../eventually.ts";
import { endAll } from "../../end-all.ts";
import { Observer } from "../../observer.ts";
import { launchSpec } from "../../specs.ts";
import { markedProcesses } from "../marked.ts";
import { cgroupRoots, fixture, makePosixHarness, type PosixHarness } from "../posix-harness.ts";

for (const root of cgroupRoots()) {
  describe(`a probe belongs to the tree of its workload (cgroups: ${root})`, () => {
    let harness: PosixHarness;
    let runtime: PosixRuntime;
    const marked = () => markedProcesses(harness.dataDir).get("a") ?? [];
    const probe = ["/bin/sh", "-c", "echo begun; exec /bin/sleep 1000"];
    const options = { timeoutMs: 600_000, maxOutput: 1000 };
    before(async () => {
      harness = makePosixHarness(root);
      runtime = await harness.open();
      await runtime.recover();
    });
    after(async () => {
      await endAll(runtime);
      await runtime.close();
      await harness.dispose();
    });

    it("and ends with it", async () => {
      await runtime.start(launchSpec({ uid: "a", ...fixture("runs-forever") }));
      const result = runtime.exec("a", probe, options);
      await eventually(() => marked().length === 2, "the probe runs");
      await runtime.kill("a");
      assert.deepEqual(marked(), []);
      assert.deepEqual(await result, { timedOut: false, output: "begun\n" });
    });

    it("and ends when the daemon that waited for it is gone", {
      skip: root === "none" && "it has no group of its own",
    }, async () => {
      const { pid } = await runtime.start(launchSpec({ uid: "a", run: 2, ...fixture("runs-forever") }));
      void runtime.exec("a", probe, options);
      await eventually(() => marked().length === 2, "the probe runs");
      await runtime.close();
      runtime = await harness.open();
      await runtime.recover();
      await eventually(() => marked().length === 1, "the probe is ended");
      assert.deepEqual(marked(), [pid]);
    });

    it("and is not asked to stop", { skip: root === "none" && "it has no group of its own" }, async () => {
      const seen = new Observer(runtime);
      runtime.resolveWith((uid) => launchSpec({ uid, ...fixture("runs-forever") }));
      const result = runtime.exec(
        "a",
        // It forks once: a fork in the moment of the end would be refused, and told by the shell.
        ["/bin/sh", "-c", "trap 'echo asked' TERM; /bin/sleep 1000 & echo begun; while :; do wait; done"],
        options,
      );
      await eventually(() => marked().length === 3, "the probe and its child run");
      await runtime.requestStop("a", "SIGTERM");
      await seen.saw("exited", "a");
      await runtime.kill("a");
      assert.equal((await result).output, "begun\n");
    });
  });

  describe(`groups that a workload has made inside its own (cgroups: ${root})`, {
    skip: root === "none" && "there are none",
  }, () => {
    it("are its own: left alone by the next daemon, asked to stop, and ended with it", async () => {
      const harness = makePosixHarness(root);
      let runtime = await harness.open();
      try {
        await runtime.recover();
        const script =
          "/bin/sh -c \"trap 'echo asked' TERM; echo begun; while :; do /bin/sleep 0.02; done\" & wait; exec /bin/sleep 1000";
        await runtime.start(launchSpec({ uid: "a", command: "/bin/sh", args: ["-c", `trap : TERM; ${script}`] }));
        await eventually(() => harness.output("a") === "begun\n", "the child listens");
        const { pid } = runtime.get("a")!;
        const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
        const inner = join(groupOf(pid, root), "inner");
        mkdirSync(inner);
        writeFileSync(join(inner, "cgroup.procs"), String(child));
        await runtime.close();
        runtime = await harness.open();
        await runtime.recover();
        await runtime.requestStop("a", "SIGTERM");
        await eventually(() => harness.output("a").includes("asked"), "the child was asked");
        assert.ok(isAlive(readStat(child)));
        await runtime.kill("a");
        assert.ok(!isAlive(readStat(child)));
      } finally {
        await endAll(runtime);
        await runtime.close();
        await harness.dispose();
      }
    });
  });

  describe(`exec beside a workload (cgroups: ${root})`, () => {
    let harness: PosixHarness;
    let runtime: PosixRuntime;
    const options = { timeoutMs: 5_000, maxOutput: 10_000 };
    const shell = (script: string, more = {}) => runtime.exec("a", ["/bin/sh", "-c", script], { ...options, ...more });
    before(async () => {
      harness = makePosixHarness(root);
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

    it("kills its whole tree when it takes too long, and nothing else", async () => {
      const marked = () => markedProcesses(harness.dataDir).get("a");
      const before = marked();
      const result = await shell("/usr/bin/setsid /bin/sleep 1000 & echo begun; sleep 1000", { timeoutMs: 200 });
      assert.deepEqual(result, { timedOut: true, output: "begun\n" });
      assert.deepEqual(marked(), before);
      assert.equal(readStat(runtime.get("a")!.pid)?.state, "S");
    });

    it("ends what a finished one has left behind, in whatever session, and nothing else", async () => {
      const marked = () => markedProcesses(harness.dataDir).get("a");
      const before = marked();
      const { code, output } = await shell("/usr/bin/setsid /bin/sleep 1000 & (/bin/sleep 1000 &) ; echo done; exit 4");
      assert.deepEqual({ code, output }, { code: 4, output: "done\n" });
      assert.deepEqual(marked(), before);
    });

    it("ends what has begun to fork for ever", async () => {
      const marked = () => markedProcesses(harness.dataDir).get("a");
      const before = marked();
      const { code } = await shell("while :; do /bin/sleep 0.02; done & while :; do /bin/sleep 0.02; done & exit 0");
      assert.equal(code, 0);
      assert.deepEqual(marked(), before);
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
}

/** The folder of a process' group. */
function groupOf(pid: number, root: string): string {
  const text = readFileSync(`/proc/${pid}/cgroup`, "utf8");
  const [, controllers, path] = (root === "auto" ? /^\d+:(pids):(.*)$/m : /^0:(:)(.*)$/m).exec(text)!;
  return join(root === "auto" ? `/sys/fs/cgroup/${controllers}` : root, path!);
}
