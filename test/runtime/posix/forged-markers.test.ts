import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { RunProofs } from "../../../runtime/runs/run-proofs.ts";
import { eventually } from "../../eventually.ts";
import { endAll } from "../end-all.ts";
import { launchSpec } from "../specs.ts";
import { cgroupRoots, fixture, makePosixHarness, type PosixHarness } from "./posix-harness.ts";

const isRoot = process.getuid?.() === 0;
const STRANGER = 65_534;

/** P22: what a workload or another local user can write is a claim, never a proof. */
for (const root of cgroupRoots()) {
  describe(`what recover believes (cgroups: ${root})`, () => {
    let harness: PosixHarness;
    let runtime: PosixRuntime;
    const strangers: ChildProcess[] = [];
    const open = async () => {
      runtime = await harness.open();
      return runtime.recover();
    };
    /** Started by nobody of ours, with whatever marker it likes. */
    const stranger = async (env: Record<string, string>, uid = isRoot ? STRANGER : process.getuid!()) => {
      const dataId = readFileSync(join(harness.dataDir, "data-id"), "utf8").trim();
      const options = {
        env: { WCTL_DATA_ID: dataId, ...env },
        stdio: "ignore",
        detached: true,
        uid,
        cwd: "/",
      } as const;
      const child = spawn("/bin/sleep", ["100000"], options);
      strangers.push(child);
      await eventually(() => existsSync(`/proc/${child.pid}/exe`) && child.pid, "the stranger is there");
      await eventually(() => readFileSync(`/proc/${child.pid}/cmdline`, "utf8").includes("sleep"), "and is itself");
      return child.pid!;
    };
    const groupOf = (pid: number) => readFileSync(`/proc/${pid}/cgroup`, "utf8");
    const recordOf = (uid: string) => {
      const folder = join(harness.dataDir, "instances", uid);
      return join(folder, readdirSync(folder).find((name) => name.startsWith("run-"))!);
    };

    beforeEach(async () => {
      harness = makePosixHarness(root);
      await open();
    });
    afterEach(async () => {
      for (const child of strangers.splice(0)) child.kill("SIGKILL");
      await endAll(runtime);
      await runtime.close();
      await harness.dispose();
    });

    for (const [what, run] of [
      ["a later run", "999"],
      ["the same run", "1"],
      ["a run beyond all numbers", "99999999999999999999"],
    ] as const) {
      it(`never displaces a live recorded process for ${what} that somebody claims to be`, async () => {
        const { pid } = await runtime.start(launchSpec({ uid: "a", ...fixture("runs-forever") }));
        await runtime.close();
        const forged = await stranger({ WCTL_INSTANCE_UID: "a", WCTL_RUN: run, WCTL_RUN_PROOF: "0".repeat(32) });
        const group = groupOf(forged);
        const states = await open();
        assert.deepEqual(
          states.map((state) => [state.uid, state.run, state.pid, state.phase]),
          [["a", 1, pid, "running"]],
        );
        assert.equal(groupOf(forged), group, "never moved");
        await runtime.kill("a");
        assert.equal(runtime.get("a")?.treeAlive, false);
        assert.ok(existsSync(`/proc/${forged}`), "never signalled");
      });
    }

    it("takes nobody for the run whose start was not recorded, or for that of a damaged record", async () => {
      await runtime.start(launchSpec({ uid: "a", ...fixture("runs-forever") }));
      await runtime.start(launchSpec({ uid: "b", ...fixture("runs-forever") }));
      for (const uid of ["a", "b"]) await runtime.kill(uid);
      await runtime.close();
      const intent = readFileSync(recordOf("a"), "utf8").split("\n")[0];
      writeFileSync(recordOf("a"), `${intent}\n`);
      writeFileSync(recordOf("b"), "");
      for (const uid of ["a", "b"]) await stranger({ WCTL_INSTANCE_UID: uid, WCTL_RUN: "1" });
      assert.deepEqual(await open(), []);
    });

    it("knows nothing of instances that somebody made up, and begins whatever their names are", async () => {
      for (const uid of ["", "x".repeat(300), "../../etc", "ffffffff-ffff-4fff-8fff-ffffffffffff"]) {
        await stranger({ WCTL_INSTANCE_UID: uid, WCTL_RUN: "1", WCTL_RUN_PROOF: "f".repeat(32) });
      }
      await runtime.close();
      assert.deepEqual(await open(), []);
      assert.deepEqual(readdirSync(join(harness.dataDir, "instances")), []);
    });

    it("takes the proof of a run from nobody who has another account", { skip: !isRoot && "needs root" }, async () => {
      const proofs = new RunProofs(harness.dataDir);
      const proof = proofs.of({ uid: "a", run: 1, accountId: String(STRANGER) });
      await runtime.close();
      await stranger({ WCTL_INSTANCE_UID: "a", WCTL_RUN: "1", WCTL_RUN_PROOF: proof }, STRANGER - 1);
      await stranger({ WCTL_INSTANCE_UID: "a", WCTL_RUN: "2", WCTL_RUN_PROOF: proof }, STRANGER);
      await stranger({ WCTL_INSTANCE_UID: "b", WCTL_RUN: "1", WCTL_RUN_PROOF: proof }, STRANGER);
      assert.deepEqual(await open(), []);
    });

    it("runs nothing beside a run whose record does not tell its account", async () => {
      const { pid } = await runtime.start(launchSpec({ uid: "a", ...fixture("runs-forever") }));
      await runtime.close();
      writeFileSync(recordOf("a"), readFileSync(recordOf("a"), "utf8").replace(/"accountId":"\d+",/, ""));
      const [state] = await open();
      assert.equal(state?.pid, pid);
      runtime.resolveWith((uid) => launchSpec({ uid, ...fixture("runs-forever") }));
      await assert.rejects(runtime.exec("a", ["/bin/true"], { timeoutMs: 5_000, maxOutput: 10 }), {
        reason: "AccountNotAllowed",
        message: /does not tell its account/,
      });
    });

    it("adopts all others when one instance can't be looked at, and starts nothing beside that one", async () => {
      await runtime.start(launchSpec({ uid: "a", ...fixture("runs-forever") }));
      const b = await runtime.start(launchSpec({ uid: "b", ...fixture("runs-forever") }));
      await runtime.close();
      const unreadable = join(harness.dataDir, "homes/a/0/logs/1.out.moving");
      mkdirSync(unreadable);
      const states = await open();
      assert.deepEqual(
        states.map(({ uid, pid }) => [uid, pid]),
        [["b", b.pid]],
      );
      const next = launchSpec({ uid: "a", run: 2, ...fixture("runs-forever") });
      await assert.rejects(runtime.start(next), {
        reason: "SystemError",
        message: /default\/a: cannot inspect what/,
      });
      rmdirSync(unreadable);
      await assert.rejects(runtime.start(next), { reason: "AlreadyRunning" });
      assert.equal(runtime.get("a")?.adopted, true);
    });
  });
}

describe("the proof of a run", () => {
  it("is made under a key that nobody else can read, and a damaged key is refused", async () => {
    const { dataDir, dispose } = makePosixHarness();
    const first = new RunProofs(dataDir);
    const run = { uid: "a", run: 1, accountId: "1000" };
    const proof = first.of(run);
    assert.match(proof, /^[0-9a-f]{32}$/);
    assert.ok(new RunProofs(dataDir).holds(run, proof));
    for (const other of [
      { ...run, uid: "b" },
      { ...run, run: 2 },
      { ...run, accountId: "0" },
    ]) {
      assert.ok(!first.holds(other, proof));
    }
    for (const wrong of ["", proof.slice(1), `${proof}0`, "0".repeat(32)]) assert.ok(!first.holds(run, wrong));
    writeFileSync(join(dataDir, "run-key"), "gone");
    assert.throws(() => new RunProofs(dataDir), /run-key does not hold 64 hexadecimal digits/);
    await dispose();
  });
});
