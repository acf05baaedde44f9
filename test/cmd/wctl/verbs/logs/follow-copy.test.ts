import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { noSuchResource, notFound, StatusError } from "../../../../../api/errors.ts";
import { connectionError } from "../../../../../api/http/connection-error.ts";
import { encodeFrame, type LogFrame } from "../../../../../api/log-frame.ts";
import { processes } from "../../../../../api/scheme.ts";
import type { Context } from "../../../../../cmd/wctl/command/command.ts";
import { CopyFollower } from "../../../../../cmd/wctl/verbs/logs/follow-copy.ts";
import { LogPrinter } from "../../../../../cmd/wctl/verbs/logs/log-printer.ts";
import { Outage } from "../../../../../cmd/wctl/verbs/logs/outage.ts";
import { eventually } from "../../../../eventually.ts";
import { FakeClock } from "../../../../lib/fake-clock.ts";

const copy = { key: "p/1", owner: "p", index: 1, name: "web-1", namespace: "shop", process: "web" };
const begin = (run: number): LogFrame => ({ type: "begin", run, startedAt: "2026-01-01T00:00:00Z" });
const output = (run: number, text: string, position: string): LogFrame => ({
  type: "output",
  run,
  position,
  bytes: Buffer.from(text),
});
const end = (run: number, position: string, code = 0): LogFrame => ({
  type: "end",
  run,
  position,
  exit: { code, finishedAt: "2026-01-01T00:00:01Z" },
});

/** An answer: frames, then what happens to the connection. */
type Answer = { frames: LogFrame[]; rest: "cut" | "end" | "stay" } | StatusError;
const refused = connectionError(new URL("https://127.0.0.1:7443"), { code: "ECONNREFUSED" });

/** Follows a server that answers one request after the other as written. */
function following(answers: Answer[], { query = {}, isTTY = false, prefix = "" } = {}) {
  const asked: URLSearchParams[] = [];
  const paths: string[] = [];
  const seen = { out: "", err: "" };
  const clock = new FakeClock();
  const output = (name: "out" | "err") => ({
    write: async (text: string | Uint8Array) => {
      seen[name] += Buffer.from(text).toString();
    },
    isTTY,
    columns: 80,
  });
  async function* stream(path: string, { signal }: { signal: AbortSignal }): AsyncGenerator<Uint8Array> {
    const url = new URL(path, "http://x");
    paths.push(url.pathname);
    asked.push(url.searchParams);
    const answer = answers.shift() ?? refused;
    if (answer instanceof StatusError) throw answer;
    for (const frame of answer.frames) {
      if (signal.aborted) return;
      yield encodeFrame(frame);
      await setImmediate();
    }
    if (answer.rest === "cut") throw connectionError(new URL("https://127.0.0.1:7443"), { code: "ECONNRESET" });
    if (answer.rest === "stay" && !signal.aborted)
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
  }
  const context = {
    session: { open: async () => ({ client: { stream } }) },
    out: output("out"),
    err: output("err"),
    clock,
    signal: new AbortController().signal,
    env: {},
  } as unknown as Context;
  const printer = new LogPrinter(context, () => prefix);
  const options = { copy, query, marksFirst: false, printer, outage: new Outage(context) };
  const follower = new CopyFollower(options, context);
  const ended = follower.follow();
  /** Lets the pauses between two requests pass. */
  const requests = (count: number) =>
    eventually(() => {
      clock.advance(2_000);
      return asked.length === count;
    }, `${count} requests`);
  return { follower, ended, asked, paths, seen, requests };
}

describe("a follower of a copy", () => {
  it("goes on at the last position after every kind of end, and prints nothing twice", async () => {
    const one = following(
      [
        { frames: [begin(1), output(1, "a\n", "p1")], rest: "cut" },
        refused,
        { frames: [begin(1), output(1, "b\n", "p2"), end(1, "p3")], rest: "end" },
        new StatusError("ServiceUnavailable", "it is starting"),
        { frames: [begin(2), output(2, "c\n", "p4"), end(2, "p5")], rest: "stay" },
        { frames: [], rest: "end" },
      ],
      { query: { tailLines: "5", follow: "true", timestamps: "true" } },
    );
    await one.requests(5);
    await eventually(() => one.seen.out === "a\nb\nc\n", "everything");
    one.follower.leave("scaled");
    await one.ended;
    assert.deepEqual(
      one.asked.map((query) => query.get("position")),
      [null, "p1", "p1", "p3", "p3", "p5"],
    );
    assert.deepEqual(
      one.asked.map((query) => [query.get("tailLines"), query.get("follow"), query.get("timestamps")].join()),
      ["5,true,true", ...Array(4).fill(",true,true"), ",,true"],
    );
    assert.equal(one.paths[0], "/apis/wctl.dev/v1/namespaces/shop/processes/web/log");
    assert.deepEqual([one.asked[0]?.get("index"), one.asked[0]?.get("frames")], ["1", "true"]);
    assert.equal(one.seen.err.match(/waiting for the daemon/g)?.length, 2, one.seen.err);
    assert.equal(one.seen.err.match(/the daemon answers again/g)?.length, 2, one.seen.err);
  });

  it("reads the run to its end before it leaves, and what came after it", async () => {
    const one = following([
      { frames: [begin(1), output(1, "a\n", "p1"), output(1, "b\n", "p2"), end(1, "p3")], rest: "stay" },
      { frames: [begin(2), output(2, "c", "p4")], rest: "end" },
    ]);
    await eventually(() => one.seen.out !== "", "the first line");
    one.follower.leave("finished");
    await one.ended;
    assert.equal(one.seen.out, "a\nb\nc");
    assert.deepEqual([one.asked[1]?.get("position"), one.asked[1]?.get("follow")], ["p3", null]);
  });

  it("that is to leave reads the rest also when the daemon was away", async () => {
    const one = following([
      { frames: [begin(1), output(1, "a\n", "p1")], rest: "cut" },
      refused,
      { frames: [begin(1), output(1, "b\n", "p2"), end(1, "p3")], rest: "end" },
    ]);
    await eventually(() => one.seen.out !== "", "the first line");
    one.follower.leave("deleted");
    await one.requests(3);
    await one.ended;
    assert.equal(one.seen.out, "a\nb\n");
  });

  it("ends when its Process is gone, or its place was taken", async () => {
    for (const gone of [notFound(processes, "web"), new StatusError("Expired", "of another copy")]) {
      const one = following([{ frames: [begin(1), output(1, "a\n", "p1")], rest: "cut" }, gone]);
      await one.requests(2);
      await one.ended;
      assert.equal(one.seen.out, "a\n");
    }
  });

  it("fails for what another try can't change", async () => {
    await assert.rejects(following([new StatusError("Forbidden", "no")]).ended, { reason: "Forbidden" });
    await assert.rejects(following([noSuchResource()]).ended, { reason: "NotFound" }, "an older daemon");
  });

  it("tells people at a terminal what happened; a run that goes on after a break does not begin again", async () => {
    const one = following(
      [
        { frames: [begin(4), output(4, "a\nhalf", "p1")], rest: "cut" },
        { frames: [begin(4), output(4, " b", "p2"), end(4, "p3", 3)], rest: "cut" },
        { frames: [begin(5), output(5, "\x1b]0;t\x07c\n", "p4"), end(5, "p5", 3221225477)], rest: "stay" },
        { frames: [], rest: "end" },
      ],
      { isTTY: true },
    );
    await one.requests(3);
    await eventually(() => one.seen.out.includes("run 5 ended"), "the last run");
    one.follower.leave("scaled");
    await one.ended;
    assert.equal(
      one.seen.out.replaceAll(/\x1b\[\d+m/g, ""),
      [
        "a",
        "half b",
        "--- web-1: run 4 ended with exit code 3 ---",
        "--- web-1: run 5 begins ---",
        "c",
        "--- web-1: run 5 ended with exit code 3221225477 (0xC0000005) ---",
        "--- web-1: scaled away ---\n",
      ].join("\n"),
    );
  });

  it("puts the prefix before whole lines, and ends the last line of a run", async () => {
    const answer: Answer = {
      frames: [begin(1), output(1, "a\nb", "p1"), end(1, "p2"), begin(2), output(2, "c", "p3")],
      rest: "stay",
    };
    for (const [prefix, expected] of [
      ["[x] ", "[x] a\n[x] b\n[x] c\n"],
      ["", "a\nb\nc"],
    ] as const) {
      const one = following(
        [
          { ...answer, frames: [...answer.frames, end(2, "p4")] },
          { frames: [], rest: "end" },
        ],
        { prefix },
      );
      await eventually(() => one.asked.length === 1 && one.seen.out.includes("b\n"), "both");
      one.follower.leave("finished");
      await one.ended;
      assert.equal(one.seen.out, expected);
    }
  });

  it("prints no more bytes than were asked for, over a break", async () => {
    const one = following(
      [
        { frames: [begin(1), output(1, "0123456\n", "p1")], rest: "cut" },
        { frames: [begin(1), output(1, "01", "p2")], rest: "end" },
      ],
      { query: { limitBytes: "10" } },
    );
    await one.requests(2);
    await one.ended;
    assert.deepEqual([one.seen.out, one.asked[1]?.get("limitBytes")], ["0123456\n01", "2"]);
  });
});
