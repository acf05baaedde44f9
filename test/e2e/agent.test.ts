/** What runs follows what is stored, whatever becomes of the store's side; and stops take no longer than was asked for. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { instances } from "../../api/scheme.ts";
import { DaemonUnderTest, eventually, isAlive } from "./daemon-under-test.ts";

/** Ignores its stop signal; says so when it does. */
const stubborn = `command: /bin/sh, args: [-c, 'trap "" TERM; echo ignoring; exec sleep 1000']`;
const manifest = (name: string, spec: string, more = ""): string =>
  `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}${more}}\nspec: {${spec}}\n---\n`;

const gone = (pid: number): Promise<boolean> => eventually(`pid ${pid} to be gone`, () => !isAlive(pid));

describe("the agent", () => {
  let config: string;
  let daemon: DaemonUnderTest;
  before(async () => {
    config = join(mkdtempSync(join(tmpdir(), "wctl-agent-")), "config.yaml");
    writeFileSync(config, "shutdownSeconds: 3\n"); // Also so that a test that failed ends soon.
    daemon = await DaemonUnderTest.start("--config", config);
  });
  after(async () => {
    await daemon.dispose();
    rmSync(dirname(config), { recursive: true });
  });

  const pidOf = (name: string, ...args: string[]): Promise<number> =>
    eventually(`${name} to be ready`, async () => {
      const { status } = await daemon.json("instance", name, ...args);
      return status?.ready ? (status.pid as number) : undefined;
    });
  /** Its pid, once it ignores its signal. */
  const ignoring = async (name: string, ...args: string[]): Promise<number> => {
    const pid = await pidOf(name, ...args);
    await eventually(
      `${name} to ignore its signal`,
      async () => (await daemon.ok("logs", `instance/${name}`, ...args)) !== "",
    );
    return pid;
  };

  it("keeps an Instance until its program has gone, whatever a client writes (P2, P5)", async () => {
    await daemon.apply(manifest("kept", `${stubborn}, stop: {gracePeriodSeconds: 2}`));
    const pid = await ignoring("kept-0");
    const client = await daemon.client();
    const { uid } = (await client.get(instances, "default/kept-0")).metadata;
    const options = { fieldManager: "wctl-agent" };
    const strip = { type: "merge", body: { metadata: { finalizers: null } } } as const;
    await client.patch(instances, "default/kept-0", strip, options);
    await client.delete(instances, "default/kept-0");
    await client.patch(instances, "default/kept-0", strip, options);
    const { metadata } = await client.get(instances, "default/kept-0");
    assert.deepEqual([metadata.uid, metadata.finalizers, isAlive(pid)], [uid, ["wctl.dev/stop"], true]);
    const next = await eventually("another copy", async () => {
      const seen = await client.get(instances, "default/kept-0").catch(() => undefined);
      if (seen?.metadata.uid === uid) return undefined;
      assert.equal(isAlive(pid), false, "the first was still there when its Instance had gone");
      return seen?.status?.pid;
    });
    assert.notEqual(next, pid);
    client.close();
    await daemon.ok("delete", "process", "kept", "--now");
  });

  it("ends what an older copy of the store does not know, before it starts another (P2)", async () => {
    const mayEnd = join(daemon.dir, "may-end");
    const slow = `command: /bin/sh, args: [-c, 'trap "until test -e ${mayEnd}; do sleep 0.05; done; kill $!; exit 0" TERM; echo ignoring; sleep 1000 & wait']`;
    await daemon.apply(manifest("older", slow));
    await pidOf("older-0");
    await daemon.end("SIGKILL");
    const copy = join(daemon.dir, "copy");
    const files = readdirSync(daemon.dataDir).filter((name) => name.startsWith("store.db"));
    mkdirSync(copy);
    for (const name of files) cpSync(join(daemon.dataDir, name), join(copy, name));
    await daemon.start();
    await daemon.ok("delete", "instance", "older-0", "--now");
    const pid = await ignoring("older-0");
    await daemon.end("SIGKILL");
    // As the daemon itself tells people to bring back a backup.
    for (const name of readdirSync(daemon.dataDir).filter((one) => /^store\.(db|id)/.test(one))) {
      rmSync(join(daemon.dataDir, name));
    }
    for (const name of files) cpSync(join(copy, name), join(daemon.dataDir, name));
    await daemon.start();
    assert.equal(isAlive(pid), true);
    await eventually("it to wait", async () =>
      (await daemon.ok("why", "instance/older-0")).includes(`waiting until pid ${pid} has ended`),
    );
    assert.equal(isAlive(pid), true, "it has its time, since nobody knows how long that is");
    writeFileSync(mayEnd, "");
    await gone(pid);
    const next = await eventually("the next copy", async () => {
      const { status } = await daemon.json("instance", "older-0");
      return status?.ready && status.pid !== pid ? (status.pid as number) : undefined;
    });
    assert.ok(isAlive(next));
    await daemon.ok("delete", "process", "older");
  });

  it("ends a program at once when its namespace is deleted by force, also one that is stopping already", async () => {
    const spec = `${stubborn}, stop: {gracePeriodSeconds: 3600}`;
    await daemon.apply(
      `apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n---\n${manifest("a", spec, ", namespace: team")}${manifest("b", spec, ", namespace: team")}`,
    );
    const pids = [await ignoring("a-0", "-n", "team"), await ignoring("b-0", "-n", "team")];
    await daemon.ok("delete", "process", "a", "-n", "team", "--wait=false");
    await daemon.ok("delete", "namespace", "team", "--force");
    for (const pid of pids) assert.equal(isAlive(pid), false);
  });

  it("gives a stop under way less time when the Process is deleted again, in any manner", async () => {
    const spec = `${stubborn}, stop: {gracePeriodSeconds: 3600}`;
    const ways = [
      ["a", [], ["--grace-period=1"]],
      ["b", [], ["--now"]],
      ["c", ["--cascade=background"], ["--force", "--cascade=background"]],
    ] as const;
    await daemon.apply(["a", "b", "c", "d"].map((name) => manifest(name, spec)).join(""));
    for (const [name, first, second] of ways) {
      const pid = await ignoring(`${name}-0`);
      // What goes in the background with the time that it declared leaves only its Instance to be deleted again.
      await daemon.ok("delete", "process", name, "--wait=false", ...first);
      const left = name === "c" ? ["instance", "c-0"] : ["process", name];
      await daemon.ok("delete", ...left, ...second);
      assert.equal(isAlive(pid), false);
    }
    const pid = await ignoring("d-0");
    await daemon.ok("delete", "process", "d", "--cascade=background", "--grace-period=0");
    await gone(pid);
  });

  it("takes a run that its liveness probe ended as failed, whatever it exits with", async () => {
    const spec = `command: /bin/sh, args: [-c, 'sleep 1000 & trap "kill $!; exit 0" TERM; wait'], stop: {gracePeriodSeconds: 3}, livenessProbe: {exec: {command: [/bin/false]}, periodSeconds: 1, failureThreshold: 1}`;
    await daemon.apply(
      `${manifest("again", `${spec}, restartPolicy: OnFailure`)}${manifest("never", `${spec}, restartPolicy: Never`)}`,
    );
    await eventually("a restart", async () => (await daemon.json("instance", "again-0")).status?.restartCount >= 1);
    await eventually("its failure", async () => (await daemon.json("instance", "never-0")).status?.phase === "Failed");
    assert.match(
      await daemon.ok("why", "instance/never-0"),
      /its liveness probe failed: command exited with code 1; exit code 0/,
    );
    await daemon.ok("delete", "process", "again", "never");
  });

  it("stops everything within the time that the configuration gives, and ends by itself (P24)", async () => {
    await daemon.apply(manifest("last", `${stubborn}, stop: {gracePeriodSeconds: 3600}`));
    const pid = await ignoring("last-0");
    assert.equal(await daemon.end("SIGTERM"), 0);
    assert.equal(isAlive(pid), false);
  });
});
