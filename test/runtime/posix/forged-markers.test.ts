import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { RunProofs } from "../../../runtime/runs/run-proofs.ts";
import { eventually } from "../../eventually.ts";
import { bodyUnderTest } from "../body-under-test.ts";
import { launchSpec } from "../specs.ts";
import { cgroupRoots, makePosixHarness } from "./posix-harness.ts";
import { fixture } from "./programs.ts";

const isRoot = process.getuid?.() === 0;
const STRANGER = 65_534;

const recordFile = (dataDir: string, uid: string): string => {
  const folder = join(dataDir, "instances", uid);
  return join(folder, readdirSync(folder).find((name) => name.startsWith("run-"))!);
};

/** P22: what a workload or another local user can write is a claim, never a proof. */
for (const root of cgroupRoots()) {
  describe(`what recover believes (cgroups: ${root})`, () => {
    const body = bodyUnderTest(() => makePosixHarness(root));
    const strangers: ChildProcess[] = [];
    /** Started by nobody of ours, with whatever marker it likes. */
    const stranger = async (env: Record<string, string>, uid = isRoot ? STRANGER : process.getuid!()) => {
      const dataId = readFileSync(join(body.harness.dataDir, "data-id"), "utf8").trim();
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

    afterEach(() => {
      for (const child of strangers.splice(0)) child.kill("SIGKILL");
    });

    it("never displaces a live recorded process for a later run, the same, or one beyond all numbers, that somebody claims to be", async () => {
      const { pid } = await body.start("a", "runs-forever");
      const forged: number[] = [];
      for (const run of ["999", "1", "99999999999999999999"]) {
        forged.push(await stranger({ WCTL_INSTANCE_UID: "a", WCTL_RUN: run, WCTL_RUN_PROOF: "0".repeat(32) }));
      }
      const groups = forged.map(groupOf);
      const states = await body.reopen();
      assert.deepEqual(
        states.map((state) => [state.uid, state.run, state.pid, state.phase]),
        [["a", 1, pid, "running"]],
      );
      assert.deepEqual(forged.map(groupOf), groups, "never moved");
      await body.runtime.kill("a");
      assert.equal(body.runtime.get("a")?.treeAlive, false);
      for (const one of forged) assert.ok(existsSync(`/proc/${one}`), "never signalled");
    });

    it("takes nobody for the run whose start was not recorded, or for that of a damaged record", async () => {
      const uids = ["a", "b"];
      for (const uid of uids) {
        await body.start(uid, "runs-forever");
        await body.runtime.kill(uid);
      }
      const [unrecorded, damaged] = uids.map((uid) => recordFile(body.harness.dataDir, uid)) as [string, string];
      writeFileSync(unrecorded, `${readFileSync(unrecorded, "utf8").split("\n")[0]}\n`);
      writeFileSync(damaged, "");
      for (const uid of uids) await stranger({ WCTL_INSTANCE_UID: uid, WCTL_RUN: "1" });
      assert.deepEqual(await body.reopen(), []);
      for (const uid of uids) await body.runtime.forget(uid);
    });

    it("knows nothing of instances that somebody made up, whatever their names are, also when another account has the proof of a run", async () => {
      for (const uid of ["", "x".repeat(300), "../../etc", "ffffffff-ffff-4fff-8fff-ffffffffffff"]) {
        await stranger({ WCTL_INSTANCE_UID: uid, WCTL_RUN: "1", WCTL_RUN_PROOF: "f".repeat(32) });
      }
      if (isRoot) {
        const proofs = new RunProofs(body.harness.dataDir);
        const proof = proofs.of({ uid: "a", run: 1, accountId: String(STRANGER) });
        await stranger({ WCTL_INSTANCE_UID: "a", WCTL_RUN: "1", WCTL_RUN_PROOF: proof }, STRANGER - 1);
        await stranger({ WCTL_INSTANCE_UID: "a", WCTL_RUN: "2", WCTL_RUN_PROOF: proof }, STRANGER);
        await stranger({ WCTL_INSTANCE_UID: "b", WCTL_RUN: "1", WCTL_RUN_PROOF: proof }, STRANGER);
      }
      assert.deepEqual(await body.reopen(), []);
      assert.deepEqual(readdirSync(join(body.harness.dataDir, "instances")), []);
    });
  });
}

describe("what recover can't tell", () => {
  const body = bodyUnderTest(makePosixHarness);

  it("keeps it from running anything beside a run whose record does not tell its account", async () => {
    const { pid } = await body.start("a", "runs-forever");
    const file = recordFile(body.harness.dataDir, "a");
    writeFileSync(file, readFileSync(file, "utf8").replace(/"accountId":"\d+",/, ""));
    const [state] = await body.reopen();
    assert.equal(state?.pid, pid);
    body.runtime.resolveWith((uid) => launchSpec({ uid, ...fixture("runs-forever") }));
    await assert.rejects(body.runtime.exec("a", ["/bin/true"], { timeoutMs: 5_000, maxOutput: 10 }), {
      reason: "AccountNotAllowed",
      message: /does not tell its account/,
    });
  });

  it("of one instance costs no other its adoption, and nothing is started beside that one", async () => {
    await body.start("a", "runs-forever");
    const b = await body.start("b", "runs-forever");
    const unreadable = join(body.harness.dataDir, "homes/a/0/logs/1.out.moving");
    mkdirSync(unreadable);
    const states = await body.reopen();
    assert.deepEqual(
      states.map(({ uid, pid }) => [uid, pid]),
      [["b", b.pid]],
    );
    const next = launchSpec({ uid: "a", run: 2, ...fixture("runs-forever") });
    await assert.rejects(body.runtime.start(next), {
      reason: "SystemError",
      message: /default\/a: cannot inspect what/,
    });
    rmdirSync(unreadable);
    await assert.rejects(body.runtime.start(next), { reason: "AlreadyRunning" });
    assert.equal(body.runtime.get("a")?.adopted, true);
  });
});

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
