import assert from "node:assert/strict";
import fs, { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type Logger, silentLogger } from "../../../lib/logger.ts";
import { lineStartAfter } from "../../../runtime/logs/line-start.ts";
import { LogTrimmer } from "../../../runtime/logs/log-trimmer.ts";
import { retainedPath } from "../../../runtime/logs/retained-part.ts";
import { readTimeIndex } from "../../../runtime/logs/time-index.ts";
import type { ReleaseOldest } from "../../../runtime/logs/tracked-log.ts";
import { punchHole, whyNotPunchable } from "../../../runtime/posix/files/punch-hole.ts";
import { eventually } from "../../eventually.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

const LINE = `${"x".repeat(99)}\n`;

describe("a log is kept", () => {
  let folder: string;
  let path: string;
  let clock: FakeClock;
  let trimmer: LogTrimmer;
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
  const make = (release: ReleaseOldest): void => {
    trimmer = new LogTrimmer({ clock, logger, release });
    trimmer.track([path], { maxSize: 64 * 1024 });
  };
  beforeEach(() => {
    warnings.length = 0;
    folder = mkdtempSync(join(tmpdir(), "wctl-logs-"));
    path = join(folder, "1.out");
    clock = new FakeClock();
    writeFileSync(path, "");
  });
  afterEach(() => {
    trimmer.close();
    rmSync(folder, { recursive: true });
  });
  const noticed = () => eventually(() => clock.pending > 0, "the first write is noticed");

  it("within its size, in place, from a whole line on", async () => {
    if (whyNotPunchable(folder) !== undefined) return;
    make(punchHole);
    for (let round = 0; round < 20; round++) {
      appendFileSync(path, LINE.repeat(200));
      await noticed();
      clock.advance(500);
    }
    const { size, blocks } = statSync(path);
    const { start } = readTimeIndex(path);
    assert.equal(size, 20 * 200 * LINE.length);
    assert.equal(start % LINE.length, 0);
    assert.ok(size - start > 60 * 1024 && size - start <= 80 * 1024, `${size - start} kept`);
    assert.ok(blocks * 512 <= 96 * 1024, `${blocks * 512} bytes on disk`);
    assert.equal(readFileSync(path, "latin1").slice(start), LINE.repeat((size - start) / LINE.length));
    assert.deepEqual(warnings, []);
  });

  it("and not opened while it is empty, for an open waits for the thread that starts programs", (t) => {
    const open = t.mock.method(fs, "openSync");
    syncBuiltinESMExports();
    t.after(() => {
      open.mock.restore();
      syncBuiltinESMExports();
    });
    const opened = () => open.mock.calls.filter((call) => call.arguments[0] === path).length;
    make(punchHole);
    assert.equal(opened(), 0);
    writeFileSync(path, LINE);
    trimmer.ended(folder);
    assert.equal(opened(), 1, "once, to look for a byte order mark");
  });

  it("and looked at the sooner the faster it grows, also after a short pause", async () => {
    const cuts: number[] = [];
    make((_, length) => cuts.push(length));
    appendFileSync(path, LINE);
    await noticed();
    const advance = (ms: number, lines: number): number => {
      for (let step = 0; step < ms; step++) {
        if (lines > 0) appendFileSync(path, LINE.repeat(lines));
        clock.advance(1);
      }
      return cuts.length;
    };
    // 100 KiB each ms: looked at each 2 ms, so no more than 200 KiB come between two looks.
    const before = advance(30, 1024);
    const after = advance(20, 1024);
    assert.ok(after - before >= 8, `${after - before} cuts in 20 ms`);
    advance(20, 0);
    assert.ok(advance(60, 1024) > after + 5, "it is looked at again within a moment");
  });

  for (const [isNew, told] of [
    [true, 1],
    [false, 0],
  ] as const) {
    it(`and tells ${told === 1 ? "" : "not again "}that others emptied it before the trimmer came, ${isNew ? "of a new run" : "of an adopted one"}`, () => {
      writeFileSync(retainedPath(path), "what stood there\n");
      let emptied = 0;
      trimmer = new LogTrimmer({ clock, logger, release: punchHole });
      trimmer.track([path], { maxSize: 64 * 1024 }, () => emptied++, isNew);
      assert.equal(emptied, told);
    });
  }

  it("without a timer while nothing is written", async () => {
    make(punchHole);
    assert.equal(clock.pending, 0);
    appendFileSync(path, LINE);
    await noticed();
    clock.advance(2_500);
    assert.equal(clock.pending, 0);
    appendFileSync(path, LINE);
    await noticed();
  });

  it("with the times of what was written", async () => {
    make(punchHole);
    appendFileSync(path, LINE);
    await noticed();
    clock.advance(500);
    appendFileSync(path, LINE);
    clock.advance(500);
    const { samples } = readTimeIndex(path);
    assert.deepEqual(
      samples.map(({ size }) => size),
      [100, 200],
    );
    assert.equal(samples[1]!.time, statSync(path).mtimeMs);
  });

  it("with one warning when the file system refuses", async () => {
    make(() => {
      throw Object.assign(new Error("no holes here"), { code: "EOPNOTSUPP" });
    });
    for (let round = 0; round < 5; round++) {
      appendFileSync(path, LINE.repeat(1000));
      await noticed();
      clock.advance(500);
    }
    assert.deepEqual(warnings, ["logs are not kept within their size"]);
  });

  it("beside a hundred others, of which some are looked at at once and the rest a moment later", () => {
    const cut: string[] = [];
    trimmer = new LogTrimmer({ clock, logger, release: (file) => cut.push(file), alwaysLook: true });
    const paths = Array.from({ length: 120 }, (_, index) => {
      const own = join(folder, String(index));
      mkdirSync(own);
      writeFileSync(join(own, "1.out"), "");
      return join(own, "1.out");
    });
    for (const one of paths) trimmer.track([one], { maxSize: 64 * 1024 });
    for (const one of paths) appendFileSync(one, LINE.repeat(1000));
    const after = (ms: number): number => {
      clock.advance(ms);
      return cut.length;
    };
    assert.deepEqual([after(10), after(10), after(10), after(10)], [50, 100, 120, 120]);
    assert.deepEqual(cut, paths);
  });

  it("beside quiet ones, which are not looked at for its sake", (t) => {
    trimmer = new LogTrimmer({ clock, logger, release: () => {}, alwaysLook: true });
    const quiet = Array.from({ length: 20 }, (_, index) => join(folder, String(index), "1.out"));
    for (const one of quiet) {
      mkdirSync(dirname(one));
      writeFileSync(one, LINE);
      trimmer.track([one], { maxSize: 64 * 1024 });
    }
    clock.advance(10_000);
    const [stat, exists] = [t.mock.method(fs, "statSync"), t.mock.method(fs, "existsSync")];
    syncBuiltinESMExports();
    t.after(() => {
      stat.mock.restore();
      exists.mock.restore();
      syncBuiltinESMExports();
    });
    const questionsAbout = (one: string) =>
      [...stat.mock.calls, ...exists.mock.calls].filter((call) => String(call.arguments[0]).startsWith(one)).length;
    trimmer.track([path], { maxSize: 64 * 1024 });
    clock.advance(1_000);
    assert.ok(questionsAbout(path) >= 6, `${questionsAbout(path)} questions about the new one`);
    const most = Math.max(...quiet.map(questionsAbout));
    assert.ok(most <= 1, `${most} questions about one that is quiet`);
    clock.advance(2_000);
    assert.ok(Math.min(...quiet.map(questionsAbout)) >= 1, "their turn comes");
  });

  it("also when it is not there any more", () => {
    make(punchHole);
    rmSync(path);
    trimmer.ended(folder);
    trimmer.untrack(folder);
    assert.deepEqual(warnings, []);
  });

  it("cutting where there is no newline near", () => {
    make(punchHole);
    appendFileSync(path, "y".repeat(600 * 1024));
    assert.equal(lineStartAfter(path, 4096), 4096);
  });
});
