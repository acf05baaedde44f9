/** What the daemon's configuration gives to workloads that leave it open, on real processes through the built executable. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DaemonUnderTest, eventually } from "./daemon-under-test.ts";

const isRoot = process.geteuid!() === 0;

describe("defaults of the configuration", () => {
  it("hold from the next start on, without a restart of the daemon, and are shown", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-defaults-"));
    const config = join(folder, "wctl.yaml");
    const write = (processes: number, runAs = ""): void =>
      writeFileSync(config, `defaults: {resources: {limits: {processes: ${processes}}}${runAs}}\n`);
    write(50);
    const daemon = await DaemonUnderTest.start("--config", config);
    // biome-ignore lint/suspicious/noExplicitAny: tests look at any field
    const running = (wanted: (status: any) => unknown): Promise<any> =>
      eventually(`web-0 to run as ${wanted}`, async () => {
        const { status } = await daemon.json("instance", "web-0");
        return status?.phase === "Ready" && wanted(status) ? status : undefined;
      });
    try {
      await daemon.apply(
        "apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: web}\nspec: {command: /bin/sleep, args: ['100000'], stop: {gracePeriodSeconds: 1}}\n",
      );
      const before = await running(({ limits }) => limits?.processes === 50);
      assert.match(before.account, /, as the daemon itself$/);
      for (const verb of ["describe", "why"]) {
        const told = await daemon.ok(verb, "process/web");
        assert.match(told, /Runs As: .*, as the daemon itself\n/, verb);
        assert.match(told, /Runs Within: .*processes 50 \(the daemon's default\)\n/, verb);
      }
      write(60, isRoot ? ", runAs: Dynamic" : "");
      await eventually("the configuration to be read again", () =>
        readFileSync(join(daemon.dataDir, "wctld.log"), "utf8").includes("configuration read again"),
      );
      assert.deepEqual((await daemon.json("instance", "web-0")).status.pid, before.pid, "what runs is left alone");
      await daemon.ok("delete", "instance", "web-0");
      const after = await running(({ limits }) => limits?.processes === 60);
      const told = await daemon.ok("describe", "instance", "web-0");
      assert.match(told, /Runs Within: +processes 60 \(the daemon's default\)/);
      if (!isRoot) return;
      const { uid } = statSync(`/proc/${after.pid}`);
      assert.ok(uid >= 61_184 && uid <= 65_519, String(uid));
      assert.match(told, new RegExp(`Runs As: +Dynamic \\(uid ${uid}\\)`));
    } finally {
      await daemon.dispose();
      rmSync(folder, { recursive: true });
    }
  });
});
