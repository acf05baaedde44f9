import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { findAccount, ownAccount } from "../../../runtime/posix/accounts/account.ts";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { giveFolder } from "../../../runtime/posix/process/give-folder.ts";
import { mayExecute } from "../../../runtime/posix/process/image.ts";
import { eventually } from "../../eventually.ts";
import type { Observer } from "../observer.ts";
import { sharedRuntime } from "../shared-runtime.ts";
import { launchSpec } from "../specs.ts";
import { makePosixHarness, type PosixHarness } from "./posix-harness.ts";
import { fixture } from "./programs.ts";

const isRoot = process.geteuid!() === 0;

describe("runAs", { skip: !isRoot && "needs root" }, () => {
  let harness: PosixHarness;
  let runtime: PosixRuntime;
  let seen: Observer;
  sharedRuntime(makePosixHarness, (shared) => {
    ({ harness, runtime, seen } = shared);
  });

  it("runs as the account, with its groups, without a way back, in the same process", async () => {
    const nobody = findAccount("nobody");
    const state = await runtime.start(
      launchSpec({ uid: "a", ...fixture("runs-forever"), runAs: { account: "nobody" } }),
    );
    const status = (): string => readFileSync(`/proc/${state.pid}/status`, "utf8");
    await eventually(() => /^Name:\tsleep$/m.test(status()), "it has become the program");
    assert.match(status(), new RegExp(`Uid:\\t${nobody.uid}\\t${nobody.uid}\\t${nobody.uid}\\t${nobody.uid}\\n`));
    assert.match(status(), new RegExp(`Gid:\\t${nobody.gid}\\t${nobody.gid}\\t${nobody.gid}\\t${nobody.gid}\\n`));
    assert.match(status(), /NoNewPrivs:\t1\n/);
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
      assert.match(status(), new RegExp(`${set}:\\t0+\\n`));
    const work = statSync(join(harness.dataDir, "homes", "a", "0", "work"));
    assert.equal(work.uid, nobody.uid);
    const [run] = await runtime.runs("a");
    assert.equal(statSync(run!.stdout).uid, 0);
    assert.equal(runtime.get("a")!.pid, state.pid);
  });

  it("gives the account its own HOME and lets it write its working directory and its log only", async () => {
    const script =
      'echo "$HOME $USER"; echo x > file && echo wrote; echo x > ../escape || echo refused; kill -0 $PPID || echo "may not signal"';
    await runtime.start(launchSpec({ uid: "a", command: "sh", args: ["-c", script], runAs: { account: "nobody" } }));
    await seen.saw("tree-ended", "a");
    const text = harness.output("a");
    assert.match(text, /^\/nonexistent nobody$/m);
    assert.match(text, /^wrote$/m);
    assert.match(text, /^refused$/m);
    assert.match(text, /^may not signal$/m);
  });

  it("lets the account begin in no folder that it cannot get to, and says of none what is there", async () => {
    const closed = mkdtempSync(join(tmpdir(), "wctl-closed-"));
    try {
      mkdirSync(join(closed, "open"));
      writeFileSync(join(closed, "open", "file"), "roots", { mode: 0o644 });
      writeFileSync(join(closed, "program"), "", { mode: 0o755 });
      const asNobody = { uid: "a", command: "cat", args: ["file"], runAs: { account: "nobody" } };
      const nobodyEnters = (reason: string) => (error: { reason: string; message: string }) =>
        error.reason === reason && error.message.endsWith(`account nobody may not enter ${closed}`);
      for (const workingDir of [closed, join(closed, "open"), join(closed, "nothing"), join(closed, "program")])
        await assert.rejects(
          runtime.start(launchSpec({ ...asNobody, workingDir })),
          nobodyEnters("WorkingDirNotFound"),
        );
      for (const command of ["program", "nothing", "open"])
        await assert.rejects(
          runtime.start(launchSpec({ ...asNobody, command: join(closed, command) })),
          nobodyEnters("NotExecutable"),
        );
      chmodSync(closed, 0o711);
      await runtime.start(launchSpec({ ...asNobody, workingDir: join(closed, "open") }));
      await seen.saw("tree-ended", "a");
      assert.equal(harness.output("a"), "roots");
    } finally {
      rmSync(closed, { recursive: true });
    }
  });

  it("keeps other accounts out of a home, and gives it to that of the Process that takes it up", async () => {
    const copy = (owner: string) => {
      const process = owner === "other" ? "other" : "web";
      return { owner, index: 0, namespace: "default", process, revision: 1 };
    };
    const says = async (uid: string, owner: string, account: string, script: string): Promise<string> => {
      const args = ["-c", `exec 2>&1; ${script}`];
      await runtime.start(launchSpec({ uid, copy: copy(owner), command: "sh", args, runAs: { account } }));
      await seen.saw("tree-ended", uid);
      const text = readFileSync((await runtime.runs(uid)).at(-1)!.stdout, "utf8");
      await runtime.forget(uid, copy(owner));
      return text;
    };
    const home = join(harness.dataDir, "homes/old/0");
    const work = join(home, "work");
    const attack = [
      `cat ${work}/data`,
      `ls ${home}`,
      `ls ${work}`,
      `mv ${work} ${home}/x`,
      `cat ${home}/logs/1.out`,
      `ls ${harness.dataDir}/homes`,
      `ln -s /etc ${work}/link`,
    ].map((step) => `${step} >/dev/null && echo it could`);
    runtime.homes.setOutliving(copy("old"), true);
    await says("a", "old", "nobody", "echo precious > data; chmod 600 data; ln -s /etc/shadow link; mkdir deep");
    const refused = await says("b", "other", "daemon", attack.join("; "));
    assert.equal(refused.includes("it could"), false, refused);
    assert.equal(refused.match(/Permission denied/g)?.length, attack.length, refused);
    const taken = await says("c", "new", "daemon", 'cat data; echo more > deep/file && echo "as $(stat -c %U data)"');
    assert.equal(taken, "precious\nas daemon\n");
    assert.equal(statSync("/etc/shadow").uid, 0);
  });

  it("begins within the smallest limits: what changes the account needs no thread, no heap and no process of its own", async () => {
    const limits = { processes: 1, memory: 8 * 1024 * 1024 };
    const spec = launchSpec({ uid: "a", ...fixture("runs-forever"), limits, runAs: { account: "nobody" } });
    const { pid } = await runtime.start(spec);
    assert.equal(runtime.get("a")!.phase, "running");
    assert.equal(statSync(`/proc/${pid}`).uid, findAccount("nobody").uid);
  });

  it("lets the account open its own output again, and neither read it nor give it away", async () => {
    const script = (out: string) =>
      `echo one > /dev/${out}; echo two >> /dev/stderr; cat < /dev/${out} || echo closed; chmod 666 /proc/self/fd/1 || echo kept`;
    const lines = (text: string) => text.split("\n").filter((line) => /^(one|two|closed|kept)$/.test(line));
    const logs = { maxSize: 1 << 20, maxFiles: 2, stderr: "Separate" as const };
    const args = ["-c", `${script("stdout")}; exec sleep 1000`];
    await runtime.start(launchSpec({ uid: "a", command: "sh", args, logs, runAs: { account: "nobody" } }));
    await eventually(() => lines(harness.output("a")).includes("kept"), "the script has written");
    assert.deepEqual(lines(harness.output("a")), ["one", "closed", "kept"]);
    const [run] = await runtime.runs("a");
    assert.match(readFileSync(run!.stderr!, "utf8"), /^two$/m);
    const probe = await runtime.exec("a", ["/bin/sh", "-c", "echo one > /dev/stdout; echo two > /dev/stderr"], {
      timeoutMs: 5_000,
      maxOutput: 1000,
    });
    assert.equal(probe.output, "one\ntwo\n");
  });

  it("gives no account the target of a link in the place of its folder", () => {
    const base = mkdtempSync(join(tmpdir(), "wctl-give-"));
    try {
      const [victim, link] = [join(base, "victim"), join(base, "link")];
      mkdirSync(victim);
      symlinkSync(victim, link);
      assert.throws(() => giveFolder(link, { uid: 5, gid: 6 }), /ELOOP|ENOTDIR/);
      assert.equal(statSync(victim).uid, 0);
      giveFolder(victim, { uid: 5, gid: 6 });
      assert.deepEqual([statSync(victim).uid, statSync(victim).gid], [5, 6]);
    } finally {
      rmSync(base, { recursive: true });
    }
  });

  it("lets the environment of a workload be read by nothing that is still root", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-loader-"));
    chmodSync(folder, 0o777);
    // The dynamic loader of each program on the way writes what it does into a file of its own account.
    const env = { LD_DEBUG: "libs", LD_DEBUG_OUTPUT: join(folder, "loader") };
    try {
      await runtime.start(
        launchSpec({ uid: "a", command: "/bin/sleep", args: ["100000"], env, runAs: { account: "nobody" } }),
      );
      await runtime.exec("a", ["/bin/true"], { timeoutMs: 5_000, maxOutput: 100 });
      await runtime.kill("a");
      await seen.saw("tree-ended", "a");
      const owners = readdirSync(folder).map((file) => statSync(join(folder, file)).uid);
      const { uid } = findAccount("nobody");
      assert.deepEqual(owners, [uid, uid]); // the workload and its probe
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("accounts", () => {
  it("are found by name and by number", () => {
    assert.equal(findAccount("root").uid, 0);
    assert.equal(findAccount("0").name, "root");
    assert.deepEqual(findAccount(ownAccount().name), ownAccount());
    assert.throws(() => findAccount("no-such-account"), { reason: "AccountNotFound" });
    for (const number of ["4000000000", "4294967295", "4294967296", "18446744073709551616"]) {
      assert.throws(() => findAccount(number), { reason: "AccountNotFound" }, number);
    }
  });

  it("may execute by owner, then group, then others", () => {
    const account = { uid: 5, gid: 6, groups: [6, 7] };
    const may = (mode: number, uid: number, gid: number) => mayExecute({ mode, uid, gid }, account);
    assert.equal(may(0o100, 5, 0), true);
    assert.equal(may(0o011, 5, 6), false);
    assert.equal(may(0o010, 0, 7), true);
    assert.equal(may(0o101, 0, 6), false);
    assert.equal(may(0o001, 0, 0), true);
    assert.equal(mayExecute({ mode: 0o644, uid: 0, gid: 0 }, { uid: 0, gid: 0, groups: [] }), false);
    assert.equal(mayExecute({ mode: 0o001, uid: 9, gid: 9 }, { uid: 0, gid: 0, groups: [] }), true);
  });
});
