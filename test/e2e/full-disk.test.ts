/** A disk without room, for the programs and for the store: what is told of it, and that everything goes on by itself when there is room again. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { configMaps } from "../../api/scheme.ts";
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
  let audit: string;
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
    audit = join(daemon.dataDir, "audit");
    await daemon.end("SIGTERM");
    rmSync(daemon.dataDir, { recursive: true });
    mount(daemon.dataDir, "48m");
    mount(homes, "512k");
    mount(audit, "128k");
    execFileSync("/usr/bin/chmod", ["711", homes]);
    await daemon.start();
  });
  after(async () => {
    await daemon.end("SIGTERM");
    for (const folder of [homes, audit, daemon.dataDir]) execFileSync("/usr/bin/umount", ["--lazy", folder]);
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

  it("of the audit log: nothing is changed that can't be written down, all else goes on, and nothing that was acknowledged is missing", async () => {
    const client = await daemon.client();
    const acknowledged: string[] = [];
    const refused: string[] = [];
    const write = async (name: string): Promise<void> => {
      try {
        await client.create(configMaps, {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name, namespace: "default" },
        });
        acknowledged.push(name);
      } catch (error) {
        assert.match(String(error), /the audit log can't be written, so nothing is changed: ENOSPC/);
        refused.push(name);
      }
    };
    // What is written down fills it.
    for (let n = 0; refused.length === 0; n++)
      await Promise.all(Array.from({ length: 8 }, (_, writer) => write(`audited-${n}-${writer}`)));
    assert.ok(acknowledged.length > 20, `${acknowledged.length} were written before`);

    const scaled = await daemon.wctl("scale", "process/waits", "--replicas=2");
    assert.equal(scaled.code, 1);
    assert.match(scaled.stderr, /ServiceUnavailable\): the audit log can't be written, so nothing is changed: ENOSPC/);
    assert.equal((await daemon.wctl("get", "processes")).stderr, "", "reading is not disturbed");
    const pid = (await pidOf("waits-0"))!;
    process.kill(pid, "SIGKILL");
    await eventually("what has ended to run again, and to say so", async () => {
      const now = await pidOf("waits-0");
      return now !== undefined && now !== pid && isAlive(now);
    });

    execFileSync("/usr/bin/mount", ["-o", "remount,size=4m", audit]);
    await write("audited-after");
    const events = readFileSync(join(audit, "audit.log"), "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    const created = events.filter(({ stage, verb, objectRef, responseStatus }) => {
      const isCreated = stage === "ResponseComplete" && responseStatus.code === 201;
      return isCreated && verb === "create" && objectRef.resource === "configmaps";
    });
    assert.deepEqual(created.map(({ objectRef }) => objectRef.name).sort(), acknowledged.sort());
    const idsOf = (wanted: string) => events.filter(({ stage }) => stage === wanted).map(({ auditID }) => auditID);
    assert.deepEqual(idsOf("RequestReceived").sort(), idsOf("ResponseComplete").sort(), "each that began has ended");
    const { items } = await client.list(configMaps, { namespace: "default" });
    const stored = items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith("audited-"));
    assert.deepEqual(stored.sort(), acknowledged, "and what was refused is not there");
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
