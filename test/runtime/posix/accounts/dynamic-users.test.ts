import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { FIRST } from "../../../../runtime/posix/accounts/dynamic-numbers.ts";
import { DynamicUsers, dynamicAccount } from "../../../../runtime/posix/accounts/dynamic-users.ts";
import { numbersInUse } from "../../../../runtime/posix/accounts/numbers-in-use.ts";
import { InstanceFiles } from "../../../../runtime/runs/instance-files.ts";
import { eventually } from "../../../eventually.ts";
import { endAll } from "../../end-all.ts";
import { launchSpec } from "../../specs.ts";
import { makePosixHarness } from "../posix-harness.ts";

const isRoot = process.geteuid!() === 0;
const runAs = { account: "Dynamic" };

describe("dynamic accounts", { skip: !isRoot && "needs root" }, () => {
  it("are one for each Process, the same for its copies, over restarts of the daemon too", async () => {
    const harness = makePosixHarness();
    const uidOf = (pid: number): number => statSync(`/proc/${pid}`).uid;
    const start = async (runtime: Awaited<ReturnType<typeof harness.open>>, uid: string, owner: string, run = 1) => {
      const { pid, account } = await runtime.start(
        launchSpec({
          uid,
          copy: { owner, index: Number(uid.slice(2)), namespace: "default", process: owner, revision: 1 },
          run,
          command: "/bin/sleep",
          args: ["100000"],
          runAs,
        }),
      );
      const number = uidOf(pid);
      assert.equal(account, `Dynamic (uid ${number})`);
      assert.equal(statSync(join(harness.dataDir, "homes", owner, uid.slice(2), "work")).uid, number);
      return number;
    };
    let runtime = await harness.open();
    try {
      const [a, a1, b] = [
        await start(runtime, "a-0", "a"),
        await start(runtime, "a-1", "a"),
        await start(runtime, "b-0", "b"),
      ];
      assert.ok(a >= FIRST && a === a1 && a !== b, `${a} ${a1} ${b}`);
      await endAll(runtime);
      await runtime.close();
      runtime = await harness.open();
      await runtime.recover();
      assert.equal(await start(runtime, "b-2", "b"), b);
      assert.equal(await start(runtime, "a-2", "a"), a);
      assert.notEqual(await start(runtime, "c-0", "c"), a);
    } finally {
      await endAll(runtime);
      await runtime.close();
      await harness.dispose();
    }
  });

  it("may write their own folder and signal their own, and nothing of another's; probes have them too", async () => {
    const harness = makePosixHarness();
    const runtime = await harness.open();
    const script = (pid: number) =>
      `echo x > mine && echo wrote; kill -0 ${pid} || echo refused; cat /proc/${pid}/environ || echo hidden; id -u`;
    try {
      const other = await runtime.start(launchSpec({ uid: "b", command: "/bin/sleep", args: ["100000"], runAs }));
      const args = ["-c", `${script(other.pid)}; exec sleep 100000`];
      const { pid } = await runtime.start(launchSpec({ uid: "a", command: "sh", args, runAs }));
      const own = String(statSync(`/proc/${pid}`).uid);
      await eventually(() => harness.output("a").includes(`\n${own}\n`), "the script has ended");
      for (const word of ["wrote", "refused", "hidden"])
        assert.match(harness.output("a"), new RegExp(`^${word}$`, "m"));
      const options = { timeoutMs: 5_000, maxOutput: 100 };
      assert.equal((await runtime.exec("a", ["/usr/bin/id", "-u"], options)).output, `${own}\n`);
    } finally {
      await endAll(runtime);
      await runtime.close();
      await harness.dispose();
    }
  });

  it("pass over numbers that somebody has, and refuse to guess when the list of the given ones is damaged", () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-dynamic-"));
    const files = new InstanceFiles(folder);
    try {
      const inUse = numbersInUse(files);
      assert.ok(inUse(0) && inUse(65_534));
      const users = new DynamicUsers(folder, "00000005aaaaaaaa", files);
      const { uid } = users.of("a");
      assert.ok(uid > FIRST + 5, "where a data directory begins is its own");
      assert.equal(statSync(join(folder, "dynamic-users.json")).mode & 0o777, 0o600);
      assert.equal(new DynamicUsers(folder, "00000005aaaaaaaa", files).of("a").uid, uid);
      const text = readFileSync(join(folder, "dynamic-users.json"), "utf8");
      writeFileSync(join(folder, "dynamic-users.json"), text.slice(0, -4));
      assert.throws(() => new DynamicUsers(folder, "00000005aaaaaaaa", files).of("a"), {
        reason: "SystemError",
        message: /restore it/,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are none of people's and services' numbers", () => {
    for (const number of [0, 1000, FIRST - 1, 65_534, Number.NaN]) {
      assert.throws(() => dynamicAccount(number), { reason: "AccountNotFound" });
    }
  });
});
