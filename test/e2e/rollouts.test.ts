/** Rollouts as a user drives them, through the built executable. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { eventually } from "./daemon-under-test.ts";
import { Bed, sh } from "./fields/bed.ts";

describe("rollouts", () => {
  const bed = new Bed();
  const spec = (script: string): string => `${sh(script)}progressDeadlineSeconds: 2\nrollback: OnDeadline`;

  it("history and undo: back to what ran before", async () => {
    await bed.create("web", sh("echo one; exec sleep 1000"));
    await bed.daemon.ok("rollout", "status", "process/web", "--timeout", "1h");
    await bed.create("web", sh("echo two; exec sleep 1000"));
    await bed.output("web-0", /two/);
    assert.match(await bed.daemon.ok("rollout", "history", "process/web"), /^1 +<none>\n2 +<none>$/m);
    assert.equal(await bed.daemon.ok("rollout", "undo", "process/web"), "process.wctl.dev/web rolled back\n");
    await bed.output("web-0", /one/);
  });

  it("the example of a rollback is rolled out", async () => {
    const example = join(import.meta.dirname, "../../manifests/examples/rollback.yaml");
    await bed.daemon.ok("apply", "-f", example, "--wait", "--timeout", "1h");
    assert.match(await bed.daemon.ok("rollout", "history", "rollback"), /^1 +the first version$/m);
  });

  it("rollback: OnDeadline: a program that ends at once goes back by itself, and the same manifest again does not loop", async () => {
    await bed.create("shop", spec("echo good; exec sleep 1000"));
    await bed.daemon.ok("rollout", "status", "process/shop", "--timeout", "1h");
    await bed.create("shop", spec("sleep 0.2; exit 3"));
    await eventually("it is rolled back", async () => {
      const { status } = await bed.process("shop");
      return status.conditions.some(({ reason }: { reason: string }) => reason === "RolledBack");
    });
    const { code, stderr } = await bed.daemon.wctl("rollout", "status", "process/shop", "--timeout", "1h");
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: process "shop" is not rolled out: revision shop-\S+ was rolled back to shop-\S+: no progress for 2 s/,
    );
    const { pid } = await bed.when("shop-0", (status) => status.ready);
    assert.match(await bed.create("shop", spec("sleep 0.2; exit 3")), /unchanged/);
    assert.equal((await bed.instance("shop-0")).status.pid, pid);
    assert.equal(await bed.daemon.ok("stop", "process/shop", "--timeout", "1h"), "process.wctl.dev/shop stopped\n");
    await bed.create("shop", spec("echo better; exec sleep 1000"));
    await bed.daemon.ok("start", "process/shop", "--timeout", "1h");
    await bed.output("shop-0", /better/);
  });

  it("the deadline goes on over a restart of the daemon", async () => {
    const unready = "readinessProbe: {exec: {command: [/bin/false]}, periodSeconds: 1}";
    const slow = (script: string): string =>
      `${sh(script)}progressDeadlineSeconds: 4\nrollback: OnDeadline\n${script.includes("bad") ? unready : ""}`;
    await bed.create("slow", slow("exec sleep 1000"));
    await bed.daemon.ok("rollout", "status", "process/slow", "--timeout", "1h");
    await bed.create("slow", slow("echo bad; exec sleep 1000"));
    await bed.when("slow-0", ({ phase, readySince }) => phase === "Running" && readySince === undefined);
    const before = await eventually("it stands still", async () => {
      const { metadata, status } = await bed.process("slow");
      const isTold = status.observedGeneration === metadata.generation;
      return isTold && status.updatedReplicas === 1 && status.progress.updated === 1 && status.progress;
    });
    await bed.daemon.end("SIGUSR2");
    await bed.daemon.start();
    const lease = await bed.daemon.json("lease", "-n", "kube-node-lease");
    assert.ok(Number(lease.items[0].metadata.annotations["wctl.dev/running-ms"]) >= before.atMs, "it goes on");
    assert.deepEqual((await bed.process("slow")).status.progress, before);
    await bed.when("slow-0", ({ ready }) => ready, "what ran before is back");
    assert.match((await bed.process("slow")).status.rollback.message, /^no progress for 4 s/);
  });

  it("rollback: OnDeadline: bad content of a ConfigMap goes back by itself too, and undo puts it back without a restart", async () => {
    const conf = (mode: string) =>
      `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: moody}\ndata: {MODE: ${mode}}\n`;
    const moody = [
      spec('echo "$MODE"; [ "$MODE" = good ] || exit 3; exec sleep 1000'),
      "env: [{name: MODE, valueFrom: {configMapKeyRef: {name: moody, key: MODE}}}]",
      "configChange: {settleSeconds: 0}",
    ].join("\n");
    await bed.create("moody", moody, conf("good"));
    await bed.daemon.ok("rollout", "status", "process/moody", "--timeout", "1h");
    await bed.daemon.apply(conf("bad"));
    await eventually("it is rolled back", async () => {
      const { status } = await bed.process("moody");
      return status.conditions.some(({ reason }: { reason: string }) => reason === "RolledBack");
    });
    const first = await bed.when("moody-0", ({ ready }) => ready);
    process.kill(first.pid, "SIGKILL");
    const { pid } = await bed.when("moody-0", ({ ready, pid }) => ready && pid !== first.pid);
    await bed.daemon.end("SIGKILL");
    await bed.daemon.start();
    const map = async () => (await bed.daemon.json("configmap", "moody")).data;
    assert.deepEqual(await map(), { MODE: "bad" });
    assert.match(await bed.daemon.ok("rollout", "undo", "process/moody"), /^configmap\/moody put back: MODE\n/);
    assert.deepEqual(await map(), { MODE: "good" });
    await eventually("the copy reads it where everybody does", async () => {
      const { spec, status } = await bed.instance("moody-0");
      assert.equal(status.pid, pid);
      return spec.keptContent === undefined;
    });
    await eventually("its status tells of that", async () => {
      const { status } = await bed.process("moody");
      return status.conditions.every(({ reason }: { reason: string }) => reason !== "RolledBack");
    });
    await bed.daemon.ok("rollout", "status", "process/moody", "--timeout", "1h");
  });
});
