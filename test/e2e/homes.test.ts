/** State and output belong to the copy (docs/decisions/0034), through the built program. */
import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DaemonUnderTest, eventually } from "./daemon-under-test.ts";

const manifest = (word: string, replicas = 1): string => `apiVersion: wctl.dev/v1
kind: Process
metadata: {name: counts}
spec:
  replicas: ${replicas}
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  command: /bin/sh
  args: [-c, 'echo ${word} >> "$WCTL_STATE_DIR/words"; cat words; exec sleep 100000']
  stop: {gracePeriodSeconds: 1}
`;

describe("the home of a copy", () => {
  let daemon: DaemonUnderTest;
  before(async () => {
    daemon = await DaemonUnderTest.start();
  });
  after(async () => {
    await daemon.dispose();
  });
  const homes = () => join(daemon.dataDir, "homes");
  /** Of the newest run of copy 0, as it lies on the disk: looking there costs nothing. */
  const output = (owner: string): string => {
    const logs = join(homes(), owner, "0/logs");
    const runs = readdirSync(logs).flatMap((name) => /^(\d+)\.out$/.exec(name)?.[1] ?? []);
    return readFileSync(join(logs, `${Math.max(...runs.map(Number))}.out`), "utf8");
  };
  const prints = async (words: string, process = "counts"): Promise<void> => {
    const owner = (await daemon.json("process", process)).metadata.uid;
    await eventually(`${process} to print ${words}`, () => output(owner) === words);
  };

  it("keeps what the program wrote, and its output, over an edit, a restart and a scale to 0", async () => {
    await daemon.apply(manifest("one"));
    await prints("one\n");
    await daemon.apply(manifest("two"));
    await prints("one\ntwo\n");
    assert.equal(await daemon.ok("logs", "counts-0", "--previous"), "one\n");
    await daemon.ok("scale", "process/counts", "--replicas=0");
    await eventually("the copy to be gone", async () => (await daemon.json("instances")).items.length === 0);
    const away = await daemon.wctl("logs", "process/counts");
    assert.deepEqual(
      [away.stdout, away.stderr],
      ["one\ntwo\n", "Not there now: instance/counts-0; this is what the last run wrote\n"],
    );
    await daemon.ok("scale", "process/counts", "--replicas=1");
    await prints("one\ntwo\ntwo\n");
    assert.equal(await daemon.ok("logs", "counts-0", "--previous"), "one\ntwo\n");
    assert.equal(await daemon.ok("logs", "counts-0", "--run=1"), "one\n");
    assert.equal(await daemon.ok("logs", "process/counts", "--all-runs", "--tail=1"), "one\ntwo\ntwo\n");
    const { code, stderr } = await daemon.wctl("logs", "counts-0", "--run=4");
    assert.deepEqual([code, /no run 4 of this copy: kept are the runs 1 to 3/.test(stderr)], [1, true], stderr);
    const [owner = ""] = readdirSync(homes());
    assert.equal(owner, (await daemon.json("process", "counts")).metadata.uid);
    assert.deepEqual(readdirSync(join(homes(), owner)), ["0"], "the stand-in of the rollout has left nothing");
    assert.deepEqual(
      readdirSync(join(homes(), owner, "0/logs"))
        .filter((name) => /\.(out|jsonl)$/.test(name))
        .sort(),
      ["1.jsonl", "1.out", "2.jsonl", "2.out", "3.out"],
    );
    assert.equal(readFileSync(join(homes(), owner, "0", "work", "words"), "utf8"), "one\ntwo\ntwo\n");
  });

  it("is what the example shows", async () => {
    await daemon.ok("apply", "-f", join(import.meta.dirname, "../../manifests/examples/state.yaml"), "--wait");
    await daemon.ok("rollout", "restart", "process/visits");
    await prints("2 starts\n", "visits");
    assert.equal(await daemon.ok("logs", "visits", "--previous"), "1 starts\n");
  });

  it("outlives its Process where that says so, and the next one of the name goes on with it", async () => {
    assert.match((await daemon.wctl("delete", "home", "visits-0")).stderr, /"wctl delete process\/visits" comes first/);
    await daemon.ok("delete", "process/visits");
    const rows = (await daemon.ok("get", "homes")).split("\n").map((row) => row.split(/ +/).slice(0, 4));
    assert.deepEqual(rows.slice(0, 3), [
      ["NAME", "PROCESS", "STATE", "RUNS"],
      ["counts-0", "counts", "InUse", "3"],
      ["visits-0", "visits", "Retained", "2"],
    ]);
    await daemon.ok("apply", "-f", join(import.meta.dirname, "../../manifests/examples/state.yaml"), "--wait");
    await prints("3 starts\n", "visits");
    assert.equal(await daemon.ok("logs", "visits", "--previous"), "2 starts\n");
    await daemon.tells(/HomeTakenUp .*an earlier process of this name .* left: its files and the output of 2 runs/);
  });

  it("is shown with its Process when nobody uses it, and removed by name", async () => {
    await daemon.ok("scale", "process/visits", "--replicas=0");
    await eventually("the copy to be gone", async () => (await daemon.json("instances")).items.length === 1);
    assert.match(
      await daemon.ok("describe", "process/visits"),
      /Retained Homes:[\s\S]*visits-0 +a copy that was scaled/,
    );
    const [{ status }] = (await daemon.json("homes")).items.filter(
      (home: { spec: { process: string } }) => home.spec.process === "visits",
    );
    assert.equal(await daemon.ok("delete", "home/visits-0"), 'home.wctl.dev "visits-0" deleted\n');
    assert.equal(existsSync(status.path), false);
    await daemon.ok("delete", "process/visits");
  });

  it("goes when its copy is scaled away, where its Process says so", async () => {
    const policy = "stateRetentionPolicy: {whenScaled: Delete}\n  logs: {maxSize: 64Ki, maxTotalSize: 64Ki}";
    await daemon.apply(manifest("three").replace("spec:", `spec:\n  ${policy}`));
    const owner = (await daemon.json("process", "counts")).metadata.uid;
    await prints("one\ntwo\ntwo\nthree\n");
    const outputs = () => readdirSync(join(homes(), owner, "0/logs")).filter((name) => name.endsWith(".out"));
    await eventually("the output of earlier runs to have no room", () => outputs().length === 1);
    await daemon.ok("scale", "process/counts", "--replicas=0");
    await eventually("the home to be removed", () => !existsSync(join(homes(), owner)));
    await daemon.ok("scale", "process/counts", "--replicas=1");
    await prints("three\n");
  });

  it("stays when an older store is put back that does not know its Process", async () => {
    const aside = join(daemon.dir, "older-store");
    const move = (from: string, to: string): void => {
      for (const name of ["store.db", "store.db-wal", "store.id"]) {
        rmSync(join(to, name), { force: true });
        if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name));
      }
    };
    await daemon.end("SIGTERM");
    move(daemon.dataDir, aside);
    await daemon.start();
    await daemon.apply(manifest("late").replace("counts", "late"));
    await prints("late\n", "late");
    await daemon.end("SIGTERM");
    move(aside, daemon.dataDir);
    await daemon.start();
    await eventually("the log to tell of it", () =>
      readFileSync(join(daemon.dataDir, "wctld.log"), "utf8").includes("the store is older than this home"),
    );
    assert.match(await daemon.ok("get", "homes"), /^late-0 +late +Retained +1 /m);
    await daemon.ok("delete", "home/late-0");
  });

  it("goes when its Process is deleted", async () => {
    const owner = (await daemon.json("process", "counts")).metadata.uid;
    await daemon.ok("delete", "process/counts");
    await eventually("the home to be removed", () => !existsSync(join(homes(), owner)));
  });
});
