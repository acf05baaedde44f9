/** What people met in daily life, through the built executable: one daemon, each test with objects of its own. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { eventually, wctlPath } from "./daemon-under-test.ts";
import { Bed, sh } from "./fields/bed.ts";

describe("in daily life", () => {
  const bed = new Bed();

  it("labels of a Process reach its Instances, and nothing is started anew", async () => {
    await bed.create("labelled", 'command: /bin/sleep\nargs: ["1000"]\n');
    const { pid } = await bed.when("labelled-0", (status) => status.phase === "Ready");
    const path = join(bed.daemon.dir, "labelled.yaml");
    writeFileSync(
      path,
      'apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: labelled, labels: {tier: front}}\nspec: {command: /bin/sleep, args: ["1000"]}\n',
    );
    await bed.daemon.ok("apply", "-f", path);
    await eventually("the label", async () => (await bed.instance("labelled-0")).metadata.labels.tier === "front");
    assert.equal((await bed.instance("labelled-0")).status.pid, pid);
  });

  it("a Process is found by the word of its STATUS, and one scaled to 0 is Stopped", async () => {
    await bed.create("calm", 'command: /bin/sleep\nargs: ["1000"]\nreplicas: 0\n');
    const words = ["get", "processes", "--field-selector", "status.phase=Stopped", "-o", "name"];
    await eventually("it", async () => (await bed.daemon.ok(...words)) === "process.wctl.dev/calm\n");
    assert.match(await bed.daemon.ok("get", "process", "calm"), /0\/0 +Stopped /);
  });

  it("what a program leaves in the background is killed, and an Event says so once", async () => {
    await bed.create("leaves", `${sh("sleep 1000 & exit 0")}restartPolicy: Never\n`);
    await bed.daemon.ok("wait", "--for=condition=Completed", "process/leaves", "--timeout=20s");
    await bed.daemon.ok("wait", "--for=condition=Started", "instance/leaves-0", "--timeout=20s");
    await bed.daemon.tells(/LeftoversKilled/, "--for", "instance/leaves-0");
    const told = await bed.daemon.ok("events", "process/leaves");
    assert.equal(told.match(/LeftoversKilled.*must be told to stay in the foreground/g)?.length, 1, told);
  });

  it("output that cannot be written is an error with its reason", () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(wctlPath, ["get", "processes"], {
      env: { ...process.env, KUBECONFIG: bed.daemon.kubeconfig },
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    assert.equal(status, 1);
    assert.match(stderr, /^error: cannot write to standard output: .*ENOSPC/);
  });

  it("a daemon that ended leaves no cgroup behind that nobody is in", async () => {
    await bed.create("grouped", 'command: /bin/sleep\nargs: ["1000"]\n');
    await bed.when("grouped-0", (status) => status.phase === "Ready");
    await bed.daemon.end("SIGTERM");
    const file = join(bed.daemon.dataDir, "containment.json");
    // Without cgroups that it may write, a daemon chooses none and keeps no choice.
    const { root, roots = {} } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
    const folders = [root, ...Object.values(roots)].filter((folder) => folder !== undefined);
    assert.deepEqual(folders.filter(existsSync), []);
    await bed.daemon.start();
  });

  it("a manifest that PowerShell wrote is read: UTF-16 with its mark", async () => {
    const path = join(bed.daemon.dir, "utf16.yaml");
    const text =
      "\ufeffapiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: wide}\nspec: {command: /bin/true, replicas: 0}\n";
    writeFileSync(path, Buffer.from(text, "utf16le"));
    assert.equal(await bed.daemon.ok("apply", "-f", path), "process.wctl.dev/wide created\n");
  });
});
