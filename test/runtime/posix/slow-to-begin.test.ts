import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findAccount } from "../../../runtime/posix/accounts/account.ts";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { endAll } from "../end-all.ts";
import { launchSpec } from "../specs.ts";
import { makePosixHarness, type PosixHarness } from "./posix-harness.ts";

const isRoot = process.geteuid!() === 0;
/** Takes a write lease (fcntl F_SETLEASE, F_WRLCK) on a file of its own: who opens it, to execute it too, is held up until it lets go. */
const HOLDS =
  '$SIG{IO} = "IGNORE"; open(my $f, "+<", $ARGV[0]) or die; fcntl($f, 1024, 1) or die "$!"; $| = 1; print "held\\n"; sleep 1000';

describe("an account that holds up its own program", { skip: !isRoot && "needs root" }, () => {
  let harness: PosixHarness;
  let runtime: PosixRuntime;
  let folder: string;
  let program: string;
  let holder: ChildProcess;
  before(async () => {
    harness = makePosixHarness();
    runtime = await harness.open();
    await runtime.recover();
    folder = mkdtempSync(join(tmpdir(), "wctl-held-"));
    chmodSync(folder, 0o755);
    program = join(folder, "sleep");
    copyFileSync("/bin/sleep", program);
    const { uid, gid } = findAccount("nobody");
    chownSync(program, uid, gid);
    chmodSync(program, 0o755);
    holder = spawn("/usr/bin/perl", ["-e", HOLDS, program], { uid, gid, stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => holder.stdout!.once("data", resolve));
  });
  after(async () => {
    await endAll(runtime);
    await runtime.close();
    await harness.dispose();
    rmSync(folder, { recursive: true });
  });

  it("holds up nobody else's start, nor the daemon with a probe of its own; it has begun when it lets go", async () => {
    const order: string[] = [];
    const runAs = { account: "nobody" };
    await runtime.start(launchSpec({ uid: "probed", command: "/bin/sleep", args: ["100000"], runAs }));
    const held = runtime
      .start(launchSpec({ uid: "held", command: program, args: ["100000"], runAs }))
      .then(() => order.push("held"));
    await runtime.start(launchSpec({ uid: "other", command: "/bin/sleep", args: ["100000"] }));
    order.push("other");
    const probe = runtime.exec("probed", [program, "0"], { timeoutMs: 300, maxOutput: 100 });
    order.push("asked");
    assert.equal((await probe).timedOut, true);
    await held; // it counts as begun, and can be stopped
    assert.deepEqual(order, ["other", "asked", "held"]);
    holder.kill("SIGKILL");
    await runtime.kill("held");
    assert.equal(runtime.get("held")!.treeAlive, false);
  });
});
