import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { LoggedCopy } from "../../../api/copy.ts";
import { type LogFrame, LogFrameReader } from "../../../api/log-frame.ts";
import type { LogOptions } from "../../../api/log-options.ts";
import { LogReader } from "../../../runtime/logs/log-reader.ts";
import type { RunFiles } from "../../../runtime/runtime.ts";
import { eventually } from "../../eventually.ts";
import { FakeRuns } from "./fake-runs.ts";

const T0 = Date.parse("2026-01-01T00:00:00Z");
const at = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString();
const web: LoggedCopy = { owner: "a", index: 0, instance: "a" };

describe("a log in frames", () => {
  let folder: string;
  let runs: FakeRuns;
  let reader: LogReader;
  const path = (run: number) => join(folder, `${run}.out`);
  const filesOf = (run: number, more: Partial<RunFiles> = {}): RunFiles => ({
    run,
    instanceRun: run,
    startedAt: at(run),
    stdout: path(run),
    encoding: "UTF-8",
    ...more,
  });
  const ended = (run: number, code = 0): Partial<RunFiles> => ({
    exit: { code, finishedAt: at(run + 1) },
    finishedAt: at(run + 1),
  });
  const add = (run: number, text: string, more: Partial<RunFiles> = ended(run)): void => {
    writeFileSync(path(run), text);
    runs.files.push(filesOf(run, more));
  };
  const begin = (run: number, text: string): void => {
    writeFileSync(path(run), text);
    runs.begin(filesOf(run));
  };
  const open = async function* (options: LogOptions, signal = new AbortController().signal, copy = web) {
    const decode = new LogFrameReader();
    for await (const chunk of reader.open(copy, { ...options, frames: true }, signal)) yield* decode.push(chunk);
  };
  const read = async (options: LogOptions = {}, copy = web): Promise<string[]> => {
    const said: string[] = [];
    for await (const frame of open(options, undefined, copy)) said.push(text(frame));
    return said;
  };
  const text = (frame: LogFrame): string => {
    if (frame.type === "output") return `${frame.run}: ${Buffer.from(frame.bytes)}`;
    if (frame.type === "begin") return `${frame.run} begins`;
    return `${frame.run} ended ${frame.exit?.code ?? frame.exit?.signal ?? "?"}`;
  };
  /** Follows until the test has enough. */
  const follow = (options: LogOptions = {}, copy = web) => {
    const said: string[] = [];
    const controller = new AbortController();
    let position: string | undefined;
    const done = (async () => {
      for await (const frame of open({ follow: true, ...options }, controller.signal, copy)) {
        said.push(text(frame));
        if (frame.type !== "begin") position = frame.position;
      }
    })();
    return {
      said,
      saw: (...expected: string[]) => eventually(() => said.join("|") === expected.join("|"), expected.join("|")),
      stop: async () => {
        controller.abort();
        await done;
        return position;
      },
    };
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wctl-frames-"));
    runs = new FakeRuns();
    reader = new LogReader(runs, () => new Date(T0 + 10_000));
  });
  afterEach(() => {
    assert.equal(runs.listening, 0);
    rmSync(folder, { recursive: true });
  });

  it("tells of each run of the copy, oldest first, and how it ended", async () => {
    add(1, "one\n", { ...ended(1, 3), instanceRun: 1 });
    runs.replace();
    add(2, "two", {});
    assert.deepEqual(await read({ allRuns: true }), ["1 begins", "1: one\n", "1 ended 3", "2 begins", "2: two"]);
    assert.deepEqual(await read(), ["2 begins", "2: two"]);
    assert.deepEqual(await read({ previous: true }), ["1 begins", "1: one\n", "1 ended 3"]);
    assert.deepEqual(await read({ run: 1 }), ["1 begins", "1: one\n", "1 ended 3"]);
    await assert.rejects(read({ run: 3 }), { reason: "NotFound", message: /kept are the runs 1 to 2/ });
  });

  it("goes on over runs, Instances, and what comes while nobody is there", async () => {
    const following = follow();
    begin(1, "one\n");
    await following.saw("1 begins", "1: one\n");
    appendFileSync(path(1), "more\nhalf");
    runs.end({ signal: "SIGKILL", finishedAt: at(2) });
    const first = ["1 begins", "1: one\n"];
    await eventually(() => following.said.at(-1) === "1 ended SIGKILL", "the end of the first run");
    const lines = following.said.filter((one) => one.startsWith("1: ")).map((one) => one.slice(3));
    assert.equal(lines.join(""), "one\nmore\nhalf");
    runs.replace();
    begin(2, "two\n");
    await eventually(() => following.said.at(-1) === "2: two\n", "the next Instance");
    assert.deepEqual(following.said.slice(0, 2), first);
    await following.stop();
  });

  it("waits for a run whose intent is recorded: it has neither a log nor an end", async () => {
    add(1, "one\n");
    const started = runs.intend(filesOf(2));
    for (const options of [{ present: true }, { allRuns: true }]) {
      const { said, saw, stop } = follow(options);
      await saw("1 begins", "1: one\n", "1 ended 0");
      assert.equal(said.length, 3);
      await stop();
    }
    const { saw, stop } = follow({ present: true });
    await saw("1 begins", "1: one\n", "1 ended 0");
    writeFileSync(path(2), "two\n");
    started();
    await saw("1 begins", "1: one\n", "1 ended 0", "2 begins", "2: two\n");
    await stop();
  });

  it("tells how a run ended whose records went with it", async () => {
    begin(1, "one\n");
    const following = follow();
    await following.saw("1 begins", "1: one\n");
    runs.forget({ code: 7, finishedAt: at(2) });
    await following.saw("1 begins", "1: one\n", "1 ended 7");
    await following.stop();
  });

  it("goes on where it was, from the position of any frame: nothing twice, nothing left out", async () => {
    const lines = (run: number): string[] => Array.from({ length: 600 }, (_, n) => `run ${run} line ${n}\n`);
    for (const run of [1, 2, 3]) add(run, lines(run).join(""));
    const frames: LogFrame[] = [];
    for await (const frame of open({ allRuns: true })) frames.push(frame);
    const whole = outputOf(frames);
    assert.equal(whole, [1, 2, 3].flatMap(lines).join(""));
    for (const [index, frame] of frames.entries()) {
      if (frame.type === "begin") continue;
      const rest: LogFrame[] = [];
      for await (const one of open({ position: frame.position, tailLines: 1, sinceTime: at(1000) })) rest.push(one);
      assert.equal(outputOf(frames.slice(0, index + 1)) + outputOf(rest), whole, frame.position);
    }
  });

  it("goes on where it was with stderr and times, of a later daemon, while the program writes", async () => {
    writeFileSync(path(1), "out 1\n");
    const stderr = join(folder, "1.err");
    writeFileSync(stderr, "err 1\n");
    runs.begin(filesOf(1, { stderr }));
    const before = follow();
    await eventually(() => before.said.join("").includes("err 1"), "what is there");
    const position = await before.stop();
    appendFileSync(path(1), "out 2\n");
    appendFileSync(stderr, "err 2\n");
    const after = follow({ position: position! });
    await eventually(() => /out 2.*err 2|err 2.*out 2/s.test(after.said.join("")), "what came meanwhile");
    assert.doesNotMatch(after.said.join(""), /[a-z] 1\n/);
    await after.stop();
  });

  it("follows from the last lines, of the runs to come all", async () => {
    begin(1, "a\nb\nc\n");
    const following = follow({ tailLines: 1 });
    await following.saw("1 begins", "1: c\n");
    runs.end({ code: 0, finishedAt: at(2) });
    begin(2, "d\ne\n");
    await following.saw("1 begins", "1: c\n", "1 ended 0", "2 begins", "2: d\ne\n");
    await following.stop();
  });

  it("passes over runs that ended before the time that is asked for", async () => {
    add(1, "old\n");
    add(7, "new\n");
    assert.deepEqual(await read({ allRuns: true, sinceTime: at(5) }), ["7 begins", "7: new\n", "7 ended 0"]);
  });

  it("leaves out what the predecessors of the Instance wrote, unless the copy is not there at all", async () => {
    add(1, "old\n");
    runs.replace();
    const following = follow();
    begin(2, "new\n");
    await following.saw("2 begins", "2: new\n");
    await following.stop();
    runs.end();
    runs.replace();
    const { instance: _, ...gone } = web;
    const waiting = follow({}, gone);
    await eventually(() => waiting.said.at(-1)?.startsWith("2 ended") === true, "the last run");
    assert.deepEqual(waiting.said.slice(0, 2), ["2 begins", "2: new\n"]);
    await waiting.stop();
  });

  it("begins anew when the home of the copy was removed and its runs count from 1 again", async () => {
    begin(1, "old\n");
    const following = follow();
    await following.saw("1 begins", "1: old\n");
    runs.end({ code: 0, finishedAt: at(2) });
    await eventually(() => following.said.at(-1) === "1 ended 0", "its end");
    runs.files = [];
    writeFileSync(path(1), "new\n");
    runs.begin(filesOf(1, { startedAt: at(100) }));
    await eventually(() => following.said.at(-1) === "1: new\n", "the first run of the new home");
    await following.stop();
  });

  it("gives no more bytes than were asked for, over all runs", async () => {
    add(1, "0123456789\n");
    add(2, "0123456789\n");
    assert.deepEqual(await read({ allRuns: true, limitBytes: 13 }), [
      ...["1 begins", "1: 0123456789\n", "1 ended 0"],
      ...["2 begins", "2: 01"],
    ]);
  });

  it("refuses the position of another copy, and what is none", async () => {
    add(1, "one\n");
    const position = "b:0:1:0";
    await assert.rejects(read({ position }), { reason: "Expired" });
    await assert.rejects(read({ position: "a:1:1:0" }), { reason: "Expired" });
    for (const odd of ["", "a", "a:0:0:0", "a:0:1:x", "a:0:1:0,", "a:0:99999999999:0", "a:0:1:-1"])
      await assert.rejects(read({ position: odd }), { reason: "BadRequest" }, odd);
  });
});

const outputOf = (frames: readonly LogFrame[]): string =>
  frames.map((frame) => (frame.type === "output" ? Buffer.from(frame.bytes).toString() : "")).join("");
