/** A disk without room, for the programs and for the store: what is told of it, and that everything goes on by itself when there is room again. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DaemonUnderTest, eventually, isAlive } from "./daemon-under-test.ts";

const manifest = (name: string, script: string): string => `apiVersion: wctl.dev/v1
kind: Process
metadata: {name: ${name}}
spec: {command: /bin/sh, args: ["-c", "${script}"], backoff: {initialSeconds: 1, maxSeconds: 1}, stop: {gracePeriodSeconds: 1}}
---
`;
const skip = process.getuid?.() === 0 ? false : "ONLY ROOT CAN MOUNT A SMALL DISK";

describe("a full disk", { skip }, () => {
  let daemon: DaemonUnderTest;
  let homes: string;
  const mount = (folder: string, size: string): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    execFileSync("/usr/bin/mount", ["-t", "tmpfs", "-o", `size=${size},mode=700`, "none", folder]);
  };
  const fill = (folder: string): void => {
    for (const piece of [1_048_576, 4_096, 1])
      assert.throws(() => {
        for (;;) writeFileSync(join(folder, "fill"), Buffer.alloc(piece), { flag: "a" });
      }, /ENOSPC/);
  };
  const clear = (folder: string): void => rmSync(join(folder, "fill"));
  const pidOf = async (name: string): Promise<number | undefined> =>
    (await daemon.json("instance", name)).status?.pid as number | undefined;
  const why = (name: string, says: RegExp): Promise<unknown> =>
    eventually(`why ${name} to say ${says}`, async () => {
      const { stdout } = await daemon.wctl("why", name);
      if (!says.test(stdout)) throw new Error(stdout);
      return true;
    });

  before(async () => {
    daemon = await DaemonUnderTest.start();
    homes = join(daemon.dataDir, "homes");
    await daemon.end("SIGTERM");
    rmSync(daemon.dataDir, { recursive: true });
    mount(daemon.dataDir, "48m");
    mount(homes, "512k");
    execFileSync("/usr/bin/chmod", ["711", homes]);
    await daemon.start();
  });
  after(async () => {
    await daemon.end("SIGTERM");
    for (const folder of [homes, daemon.dataDir]) execFileSync("/usr/bin/umount", ["--lazy", folder]);
    rmSync(daemon.dir, { recursive: true, force: true });
  });

  it("is named when a program fails because it can write no more, although it can't say so itself", async () => {
    await daemon.apply(manifest("prints", "head -c 2000000 /dev/zero || exit 3"));
    await why(
      "prints",
      /^Cause: +prints-0: exited with code 3: the disk of its home was full\nAdvice: +make room on the disk of the data directory/m,
    );
    await daemon.ok("delete", "process", "prints");
  });

  it("is named when a home can't be made; the program starts as soon as there is room", async () => {
    fill(homes);
    await daemon.apply(manifest("waits", "exec sleep 1000"));
    await why("waits", /^Cause: +waits-0: SystemError: .*ENOSPC.*\nAdvice: +the disk is full: make room/m);
    const row = (await daemon.ok("get", "process", "waits", "--no-headers")).split(/\s+/);
    assert.deepEqual(row.slice(1, 3), ["0/1", "SystemError"]);
    clear(homes);
    await eventually("it to run", () => pidOf("waits-0"));
  });

  it("of a backup: it is not made at all, and nothing of it is left", async () => {
    const file = join(homes, "wctl.backup");
    fill(homes);
    const failed = await daemon.wctl("backup", file);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /^error: .*(ENOSPC|no space left)/);
    const left = readdirSync(homes).filter((name) => name.startsWith("wctl.backup"));
    assert.deepEqual(left, []);
    clear(homes);
    assert.match(await daemon.ok("backup", file), /written/);
    rmSync(file);
  });

  it("of the store: writes are refused and reads say so; what has ended is started again all the same, and told of when there is room", async () => {
    const pid = (await pidOf("waits-0"))!;
    fill(daemon.dataDir);
    const refused = await daemon.wctl("scale", "process/waits", "--replicas=2");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /ServiceUnavailable\): .*store\.db cannot be written: the disk is full/);
    process.kill(pid, "SIGKILL");
    for (const words of [
      ["get", "processes"],
      ["status", "waits"],
      ["why", "waits"],
      ["describe", "process", "waits"],
    ]) {
      const { code, stderr } = await daemon.wctl(...words);
      assert.deepEqual([code, stderr.split("\n").length], [0, 2], `${words}: ${stderr}`);
      assert.match(stderr, /^Warning: what is shown may be out of date: .*the disk is full\. .*Free some space/);
    }
    assert.equal(await pidOf("waits-0"), pid, "what it cannot write it cannot show");
    const next = await eventually("another run", async () => {
      const seen = Number(/^ +(\d+) sleep/m.exec((await daemon.wctl("status", "waits")).stdout)?.[1]);
      return seen !== pid && isAlive(seen) && seen;
    });
    clear(daemon.dataDir);
    await eventually("its status", async () => (await pidOf("waits-0")) === next);
    await daemon.tells(
      new RegExp(`run (\\d) ended: SIGKILL[^]*run \\d started as pid ${next}`),
      "--for",
      "instance/waits-0",
    );
    assert.equal((await daemon.wctl("get", "processes")).stderr, "");
    await daemon.ok("scale", "process/waits", "--replicas=0", "--timeout=60s");
  });
});
