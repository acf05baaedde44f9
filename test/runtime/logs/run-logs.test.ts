import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { silentLogger } from "../../../lib/logger.ts";
import type { NamedCopy } from "../../../runtime/homes/copy.ts";
import { RunLogs } from "../../../runtime/logs/run-logs.ts";
import { enterHome } from "../../../runtime/runs/enter-home.ts";
import { InstanceFiles } from "../../../runtime/runs/instance-files.ts";
import { RunRecords } from "../../../runtime/runs/run-records.ts";
import type { LogPolicy } from "../../../runtime/runtime.ts";
import { newWorkload } from "../../../runtime/workload.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

const COPY: NamedCopy = { owner: "p", index: 0, namespace: "default", process: "web", revision: 1 };
const MINUTES = 60_000;

describe("the output of earlier runs", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "wctl-run-logs-"));
  const clock = new FakeClock();
  const files = new InstanceFiles(dataDir);
  const records = new RunRecords(files);
  const release = (): void => {};
  const logs = new RunLogs({ clock, logger: silentLogger, release, files, records, onTruncated: () => {} });
  before(() => enterHome({ files, records }, "a", COPY, clock.wall().toISOString()));
  after(() => {
    logs.close();
    rmSync(dataDir, { recursive: true });
  });
  const names = () => readdirSync(files.homes.logs(COPY)).filter((name) => name.endsWith(".out"));

  /** A run that began now, and that ends before the next one. */
  async function run(number: number, policy: Partial<LogPolicy>, output = "x".repeat(5_000)): Promise<void> {
    const stdout = files.homes.log(COPY, number, "out");
    writeFileSync(stdout, output);
    const startedAt = clock.wall().toISOString();
    const intent = {
      run: number,
      number,
      label: "default/web-0",
      startedAt,
      workingDir: "",
      limits: {},
      unenforced: [],
    };
    const whole = { maxSize: 10_000, maxFiles: 9, stderr: "Merge" as const, ...policy };
    const record = { ...intent, logs: whole, stdout };
    if (number > 1) records.ended("a", number - 1, { code: 0, finishedAt: startedAt });
    records.begin("a", record);
    logs.keep(newWorkload("a", record, { adopted: false, treeAlive: true, account: undefined }), () => true);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }

  it("goes when all runs together are too large", async () => {
    await run(1, {});
    await run(2, {});
    await run(3, { maxTotalSize: 25_000 });
    assert.deepEqual(names(), ["1.out", "2.out", "3.out"]);
    await run(4, { maxTotalSize: 21_000 });
    assert.deepEqual(names(), ["2.out", "3.out", "4.out"]);
  });

  it("goes when it is too old, while the newest run goes on", async () => {
    await run(5, { maxAgeSeconds: 3_600 });
    assert.deepEqual(names(), ["2.out", "3.out", "4.out", "5.out"]);
    await clock.advanceAsync(55 * MINUTES);
    assert.equal(names().length, 4);
    await clock.advanceAsync(20 * MINUTES);
    assert.deepEqual(names(), ["5.out"]);
    assert.deepEqual(records.runs("a"), [5]);
  });
});
