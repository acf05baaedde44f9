import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  type Kept,
  type KeptFile,
  keep,
  kept,
  readKept,
  readLines,
  slower,
  slowestTests,
} from "../../scripts/test/table.ts";

const file = (name: string, seconds: number, more: Partial<KeptFile> = {}): KeptFile => ({
  lane: "linux",
  file: name,
  passed: 1,
  failed: [],
  skipped: [],
  tests: [{ name: `test of ${name}`, seconds }],
  seconds,
  processorSeconds: seconds / 2,
  ...more,
});
const run = (...files: KeptFile[]): Kept => ({ endedAt: "2026-01-02T03:04:05.000Z", seconds: 60, files });

describe("the table of the newest results", () => {
  it("keeps the slowest tests of each file, and of all", () => {
    const tests = Array.from({ length: 9 }, (_, n) => ({ name: `t${n}`, seconds: n }));
    const result = { file: "a.test.ts", passed: 9, skipped: [], failures: [], tests, output: "noise" };
    const one = kept("linux", { ...result, seconds: 40, processorSeconds: 30 });
    assert.deepEqual(
      one.tests.map(({ name }) => name),
      ["t8", "t7", "t6", "t5", "t4"],
    );
    assert.deepEqual(slowestTests(run(one, file("b.test.ts", 7.5)), 3), [
      { name: "linux a.test.ts: t8", seconds: 8 },
      { name: "linux b.test.ts: test of b.test.ts", seconds: 7.5 },
      { name: "linux a.test.ts: t7", seconds: 7 },
    ]);
  });

  it("names what takes twice as long as before in the same lane, and not only a moment longer", () => {
    const before = run(file("a", 5), file("b", 5), file("c", 0.1), file("a", 50, { lane: "wine" }));
    const now = run(file("a", 10), file("b", 9), file("c", 1), file("new", 99), file("a", 50, { lane: "wine" }));
    assert.deepEqual(slower(now, before), [{ name: "linux a", seconds: 10, before: 5 }]);
    assert.deepEqual(slower(now, undefined), []);
  });

  it("is written for programs and for people, and read again", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-table-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, "tests", "latest");
    assert.equal(readKept(`${path}.json`), undefined);
    const skipped = [{ name: "x", reason: "needs a|b" }];
    const now = run(file("a", 10, { failed: ["bad"] }), file("b", 0.2, { skipped }));
    keep(path, now, run(file("a", 1)));
    assert.deepEqual(readKept(`${path}.json`), now);
    const text = readFileSync(`${path}.md`, "utf8");
    for (const line of [
      "# Test results of 2026-01-02T03:04:05.000Z",
      "| linux a | bad |",
      "| linux a | 10.0 | 1.0 |",
      "| linux a: test of a | 10.0 |",
      "2 files, 2 tests passed, 1 failed, 60.0 s, 5.1 s of the processor.",
      "| linux a | 1 | 5.0 | 10.0 | 1.0 |",
      "| linux b | 1 | 0.1 | 0.2 |  |",
      "| linux b | x | needs a\\|b |",
    ]) {
      assert.ok(text.split("\n").includes(line), `${line}\nis not in\n${text}`);
    }
  });

  it("reads results that came line by line, up to the one in which their writer ended", () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-lines-"));
    const path = join(folder, "lane.jsonl");
    assert.deepEqual(readLines(path), []);
    writeFileSync(path, `${JSON.stringify(file("a", 1))}\n${JSON.stringify(file("b", 2))}\n{"file":"c`);
    assert.deepEqual(
      readLines(path).map((result) => result.file),
      ["a", "b"],
    );
    rmSync(folder, { recursive: true });
  });
});
