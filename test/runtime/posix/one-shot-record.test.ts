import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { endAll } from "../end-all.ts";
import { launchSpec } from "../specs.ts";
import { makePosixHarness } from "./posix-harness.ts";
import { fixture } from "./programs.ts";

const STRACE = "/usr/bin/strace";

describe("the record of a one-shot (P6)", () => {
  it("is on the disk before its process starts, with the folders that lead to it", {
    skip: !existsSync(STRACE) && "needs strace",
  }, () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-once-"));
    const script = join(folder, "begin.ts");
    const room = join(import.meta.dirname, "../../../runtime/runs");
    writeFileSync(
      script,
      `import { InstanceFiles } from "${room}/instance-files.ts";
       import { RunRecords } from "${room}/run-records.ts";
       const files = new InstanceFiles(process.argv[2]);
       const records = new RunRecords(files);
       for (const [uid, once] of [["job", true], ["web", undefined]]) {
         files.create(uid);
         records.begin(uid, { run: 1, once });
       }`,
    );
    try {
      const options = ["-f", "-qq", "-y", "-e", "trace=fsync,fdatasync", "-o", join(folder, "trace")];
      const node = [process.execPath, "--disable-warning=ExperimentalWarning", script, folder];
      const { stderr } = spawnSync(STRACE, [...options, ...node], { encoding: "utf8" });
      const synced = [...readFileSync(join(folder, "trace"), "utf8").matchAll(/sync\(\d+<([^>]*)>\)\s+= 0/g)];
      assert.deepEqual(
        synced.map(([, path]) => path!.slice(folder.length)),
        ["/instances/job/run-1.jsonl", "/instances/job", "/instances"],
        stderr,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("without a process is an end that nobody saw: it may have started and ended", async () => {
    const harness = makePosixHarness();
    let runtime = await harness.open();
    await runtime.recover();
    await runtime.start(launchSpec({ uid: "a", once: true, ...fixture("runs-forever") }));
    await runtime.kill("a");
    await runtime.close();
    const file = join(harness.dataDir, "instances", "a", "run-1.jsonl");
    writeFileSync(file, `${readFileSync(file, "utf8").split("\n")[0]}\n`);
    runtime = await harness.open();
    const [state] = await runtime.recover();
    assert.deepEqual([state?.run, state?.phase, state?.exit?.unknown, state?.treeAlive], [1, "exited", true, false]);
    const again = runtime.start(launchSpec({ uid: "a", once: true, ...fixture("runs-forever") }));
    await assert.rejects(again, { reason: "InvalidArgument" });
    await endAll(runtime);
    await runtime.close();
    await harness.dispose();
  });
});
