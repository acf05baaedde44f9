/** `wctl stop`, `start` and `restart` on real processes: what is stopped stays so, and starts as the next run. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { DaemonUnderTest, isAlive } from "./daemon-under-test.ts";

const example = fileURLToPath(new URL("../../manifests/examples/stop-and-start.yaml", import.meta.url));

describe("stop and start", () => {
  let daemon: DaemonUnderTest;
  before(async () => {
    daemon = await DaemonUnderTest.start();
    assert.match(readFileSync(example, "utf8"), /name: queue[\s\S]*name: worker/);
    await daemon.ok("apply", "-f", example, "--wait");
  });
  after(() => daemon.dispose());

  const status = async (name: string) => (await daemon.json("instance", name)).status;
  const words = async (): Promise<string[]> =>
    (await daemon.ok("get", "processes", "--no-headers"))
      .trim()
      .split("\n")
      .map((row) => row.split(/\s+/)[2]!);

  it("status and ps show the trees, and what was written last", async () => {
    const { pid } = await status("queue-0");
    const told = await daemon.ok("status", "queue");
    assert.match(told, /^process\/queue: Running\n[\s\S]*\ninstance\/queue-0: Ready\n {2}State: +Running for /);
    assert.match(told, new RegExp(`\\n {2}Tree:\\n {4}${pid} /bin/sh -c .*\\n {2}Output:\\n {4}began\\n`));
    const rows = (await daemon.ok("ps", "--no-headers")).trim().split("\n");
    assert.equal(rows.length, 2);
    assert.match(rows[0]!, new RegExp(`^default +queue-0 +${pid} +\\S+ +\\d+:\\d\\d +\\d+\\w+ +/bin/sh -c `));
  });

  it("stops everything, dependants first, and keeps the copies", async () => {
    const { pid } = await status("worker-0");
    const { metadata } = await daemon.json("instance", "worker-0");
    assert.deepEqual((await daemon.ok("stop", "--all")).split("\n").toSorted(), [
      "",
      "process.wctl.dev/queue stopped",
      "process.wctl.dev/worker stopped",
    ]);
    assert.deepEqual(await words(), ["Stopped", "Stopped"]);
    assert.match(
      await daemon.ok("status", "worker"),
      /^process\/worker: Stopped\n[\s\S]*Reason: +it is stopped .*starts it\n/,
    );
    assert.equal(isAlive(pid), false);
    assert.equal((await daemon.json("instance", "worker-0")).metadata.uid, metadata.uid);
    const [queue, worker] = [await status("queue-0"), await status("worker-0")];
    assert.ok(worker.state.terminated.finishedAt <= queue.state.terminated.finishedAt);
    assert.match(await daemon.ok("logs", "process/queue"), /^began\n/);
  });

  it("keeps it stopped over a restart of the daemon, an apply and a rollout", async () => {
    await daemon.end("SIGTERM");
    await daemon.start();
    assert.deepEqual(await words(), ["Stopped", "Stopped"]);
    assert.match(await daemon.ok("apply", "-f", example, "--wait"), /process "worker" is stopped .*starts it\n/);
    assert.match(await daemon.ok("rollout", "status", "process/worker"), /^process "worker" is stopped/);
    const { code, stderr } = await daemon.wctl("restart", "process/worker");
    assert.deepEqual([code, /is stopped .*is not restarted/.test(stderr)], [1, true]);
    assert.equal((await status("worker-0")).run, 1);
  });

  it("starts after what it depends on, as the next run", async () => {
    const early = await daemon.wctl("start", "worker", "--timeout=1s");
    assert.match(early.stderr, /waiting for queue to be Ready: it is stopped; "wctl start process\/queue" starts it/);
    assert.equal(await daemon.ok("start", "queue"), "process.wctl.dev/queue started\n");
    assert.equal(await daemon.ok("start", "worker"), "process.wctl.dev/worker started\n");
    assert.deepEqual(await words(), ["Running", "Running"]);
    assert.equal((await status("queue-0")).run, 2);
    assert.match(await daemon.ok("logs", "process/queue", "-p"), /^began\n/);
  });

  it("restarts by the strategy", async () => {
    const { pid } = await status("worker-0");
    assert.equal(await daemon.ok("restart", "worker"), "process.wctl.dev/worker restarted\n");
    assert.notEqual((await status("worker-0")).pid, pid);
  });
});
