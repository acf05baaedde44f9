import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { describe, it } from "node:test";
import { LogReader } from "../../../runtime/logs/log-reader.ts";
import { theCopy } from "../logs/the-copy.ts";
import { Observer } from "../observer.ts";
import { launchSpec } from "../specs.ts";
import { makePosixHarness } from "./posix-harness.ts";
import { fixture } from "./programs.ts";

const LINES = 1_000_000;
const LINE_LENGTH = "line 000000000 of a workload that has much to say\n".length;

describe("a flood of output", () => {
  it("of a million lines is there whole and in order, read while it is written, at no cost to the daemon", async () => {
    const harness = makePosixHarness();
    const runtime = await harness.open();
    const seen = new Observer(runtime);
    await runtime.recover();
    const logs = { maxSize: 1 << 30, maxFiles: 2, stderr: "Merge" as const };
    const cpu = process.cpuUsage();
    await runtime.start(launchSpec({ uid: "a", ...fixture("floods-stdout", String(LINES)), logs }));
    await seen.saw("tree-ended", "a");
    const { user, system } = process.cpuUsage(cpu);
    assert.ok((user + system) / 1000 < 500, `the daemon used ${(user + system) / 1000} ms`);
    let expected = 0;
    let pending = Buffer.alloc(0);
    for await (const chunk of new LogReader(runtime).open(theCopy, { follow: true }, new AbortController().signal)) {
      pending = Buffer.concat([pending, chunk]);
      const whole = pending.length - (pending.length % LINE_LENGTH);
      for (let at = 0; at < whole; at += LINE_LENGTH, expected++) {
        if (pending.toString("latin1", at + 5, at + 14) !== String(expected).padStart(9, "0"))
          assert.fail(`line ${expected} is missing`);
      }
      pending = pending.subarray(whole);
    }
    assert.equal(expected, LINES);
    assert.equal(pending.length, 0);
    await runtime.forget("a");
    await runtime.close();
    await harness.dispose();
  });

  it("stays within its size on disk while it runs, and ends with whole lines", async () => {
    const harness = makePosixHarness();
    const runtime = await harness.open();
    const seen = new Observer(runtime);
    await runtime.recover();
    const maxSize = 1 << 20;
    const lines = 200_000; // ten times as much
    const logs = { maxSize, maxFiles: 2, stderr: "Merge" as const };
    const { unenforced } = await runtime.start(
      launchSpec({ uid: "a", ...fixture("floods-stdout", String(lines)), logs }),
    );
    await seen.saw("tree-ended", "a");
    if (!unenforced.some(({ field }) => field === "logs.maxSize")) {
      const [run] = await runtime.runs("a");
      const { size, blocks } = statSync(run!.stdout);
      assert.equal(size, lines * LINE_LENGTH);
      assert.ok(blocks * 512 < maxSize * 1.5, `${blocks * 512} bytes on disk`);
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of new LogReader(runtime).open(theCopy, {}, new AbortController().signal))
      chunks.push(chunk);
    const kept = Buffer.concat(chunks).toString().trimEnd().split("\n");
    assert.ok(kept.every((line) => line.length === LINE_LENGTH - 1));
    assert.match(kept.at(-1)!, /line 000199999 /);
    await runtime.forget("a");
    await runtime.close();
    await harness.dispose();
  });
});
