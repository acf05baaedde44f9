import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { LogOptions } from "../../../api/log-options.ts";
import { LONGEST_LINE, SPLIT_MARKER } from "../../../runtime/logs/line-splitter.ts";
import { LogReader } from "../../../runtime/logs/log-reader.ts";
import { appendSample, writeStart } from "../../../runtime/logs/time-index.ts";
import { punchHole, whyNotPunchable } from "../../../runtime/posix/files/punch-hole.ts";
import { eventually } from "../../eventually.ts";
import { FakeRuns } from "./fake-runs.ts";
import { theCopy } from "./the-copy.ts";

const T0 = Date.parse("2026-01-01T00:00:00Z");

describe("a log is read", () => {
  let folder: string;
  let runs: FakeRuns;
  let reader: LogReader;
  const path = (name: string) => join(folder, name);
  const add = (run: number, text: string, stderr?: string): void => {
    writeFileSync(path(`${run}.out`), text);
    if (stderr !== undefined) writeFileSync(path(`${run}.err`), stderr);
    const err = stderr === undefined ? {} : { stderr: path(`${run}.err`) };
    runs.files.push({
      run,
      instanceRun: run,
      startedAt: new Date(T0).toISOString(),
      stdout: path(`${run}.out`),
      ...err,
    });
  };
  const read = async (options: LogOptions = {}, signal = new AbortController().signal): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of reader.open(theCopy, options, signal)) chunks.push(chunk);
    return Buffer.concat(chunks).toString("latin1");
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wctl-logs-"));
    runs = new FakeRuns();
    reader = new LogReader(runs, () => new Date(T0 + 10_000));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("whole, byte by byte", async () => {
    const hostile = 'plain\n\u001b[31mred\rover\n{"fake":1}\n\0nul\0\nno newline';
    add(1, hostile);
    assert.equal(await read(), hostile);
  });

  it("of the run before", async () => {
    add(1, "first\n");
    await assert.rejects(read({ previous: true }), { reason: "NotFound" });
    add(2, "second\n");
    assert.equal(await read({ previous: true }), "first\n");
    assert.equal(await read(), "second\n");
  });

  it("of no run: NotFound", async () => {
    await assert.rejects(read(), { reason: "NotFound" });
  });

  it("that was never made: nothing", async () => {
    runs.files.push({ run: 1, instanceRun: 1, startedAt: "", stdout: path("missing") });
    assert.equal(await read(), "");
  });

  it("from its last lines", async () => {
    add(1, "a\nb\nc\nd");
    assert.equal(await read({ tailLines: 2 }), "c\nd");
    assert.equal(await read({ tailLines: 0 }), "");
    assert.equal(await read({ tailLines: 99 }), "a\nb\nc\nd");
  });

  it("up to a number of bytes", async () => {
    add(1, "0123456789\n");
    assert.equal(await read({ limitBytes: 4 }), "0123");
    assert.equal(await read({ limitBytes: 400 }), "0123456789\n");
  });

  it("with the times of its lines, and since a time", async () => {
    add(1, "one\ntwo\nthree\n");
    appendSample(path("1.out"), { size: 4, time: T0 + 1000 });
    appendSample(path("1.out"), { size: 14, time: T0 + 5500 });
    assert.equal(
      await read({ timestamps: true }),
      "2026-01-01T00:00:01.000Z one\n2026-01-01T00:00:05.500Z two\n2026-01-01T00:00:05.500Z three\n",
    );
    assert.equal(await read({ sinceSeconds: 6 }), "two\nthree\n");
    assert.equal(await read({ sinceTime: "2026-01-01T00:00:01Z" }), "one\ntwo\nthree\n");
    assert.equal(await read({ sinceSeconds: 6, tailLines: 1 }), "three\n");
  });

  it("with stderr between stdout by time, or one of them", async () => {
    add(1, "out1\nout2\n", "err1\nerr2\n");
    appendSample(path("1.out"), { size: 5, time: T0 + 1000 });
    appendSample(path("1.out"), { size: 10, time: T0 + 3000 });
    appendSample(path("1.err"), { size: 5, time: T0 + 2000 });
    appendSample(path("1.err"), { size: 10, time: T0 + 4000 });
    assert.equal(await read(), "out1\nerr1\nout2\nerr2\n");
    assert.equal(await read({ stream: "Stderr" }), "err1\nerr2\n");
    assert.equal(await read({ stream: "Stdout" }), "out1\nout2\n");
    assert.equal(await read({ tailLines: 3 }), "err1\nout2\nerr2\n");
  });

  it("with lines that are too long in pieces, raw and with times alike", async () => {
    add(1, `${"x".repeat(LONGEST_LINE + 5)}\nshort\n`);
    const expected = `${"x".repeat(LONGEST_LINE)}${SPLIT_MARKER}xxxxx\nshort\n`;
    assert.equal(await read(), expected);
    assert.equal(await read({ sinceTime: "2000-01-01T00:00:00Z" }), expected);
  });

  it("from the first line that is left, without zeros", async () => {
    if (whyNotPunchable(folder) !== undefined) return;
    const lines = Array.from({ length: 2000 }, (_, index) => `line ${index}\n`);
    add(1, lines.join(""));
    const start = lines.slice(0, 1500).join("").length;
    writeStart(path("1.out"), start);
    punchHole(path("1.out"), Math.floor(start / 4096) * 4096);
    assert.equal(await read(), lines.slice(1500).join(""));
    assert.equal(await read({ tailLines: 1800 }), lines.slice(1500).join(""));
  });

  it("while it is written, until the run has ended", async () => {
    add(1, "one\n");
    runs.alive = true;
    const got: string[] = [];
    const reading = (async () => {
      for await (const chunk of reader.open(theCopy, { follow: true }, new AbortController().signal))
        got.push(String(chunk));
    })();
    await eventually(() => got.join("") === "one\n", "the first line is read");
    appendFileSync(path("1.out"), "two\n");
    await eventually(() => got.join("") === "one\ntwo\n", "the second line is read");
    appendFileSync(path("1.out"), "last");
    runs.end();
    await reading;
    assert.equal(got.join(""), "one\ntwo\nlast");
    assert.equal(runs.listening, 0);
  });

  it("with times while it is written: whole lines only, the half one at the end", async () => {
    add(1, "one\nha");
    runs.alive = true;
    const got: string[] = [];
    const options = { follow: true, timestamps: true };
    const reading = (async () => {
      for await (const chunk of reader.open(theCopy, options, new AbortController().signal)) got.push(String(chunk));
    })();
    await eventually(() => /^\S+ one\n$/.test(got.join("")), "the first line is read");
    appendFileSync(path("1.out"), "lf\nrest");
    await eventually(() => /Z half\n$/.test(got.join("")), "the half line is whole");
    runs.end();
    await reading;
    assert.match(got.join(""), /^\S+Z one\n\S+Z half\n\S+Z rest$/);
  });

  it("until the reader has enough", async () => {
    add(1, "one\n");
    runs.alive = true;
    const controller = new AbortController();
    const got: string[] = [];
    const reading = (async () => {
      for await (const chunk of reader.open(theCopy, { follow: true }, controller.signal)) got.push(String(chunk));
    })();
    await eventually(() => got.length === 1 && runs.listening === 1, "the reader follows");
    controller.abort();
    await reading;
    assert.deepEqual(got, ["one\n"]);
    assert.equal(runs.listening, 0);
  });

  it("of a run whose intent is recorded with follow: when it has begun, and not as one that is over", async () => {
    const stdout = path("1.out");
    const started = runs.intend({ run: 1, instanceRun: 1, startedAt: new Date(T0).toISOString(), stdout });
    const got = read({ follow: true });
    await eventually(() => runs.listening === 1, "the reader waits");
    writeFileSync(stdout, "one\n");
    started();
    await eventually(() => runs.listening === 1, "the reader follows");
    runs.end({ code: 0, finishedAt: new Date(T0 + 1_000).toISOString() });
    assert.equal(await got, "one\n");
  });

  it("of an ended run with follow: to its end at once", async () => {
    add(1, "one\n");
    assert.equal(await read({ follow: true }), "one\n");
  });
});
