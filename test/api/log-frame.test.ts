import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeFrame, type LogFrame, LogFrameReader } from "../../api/log-frame.ts";

const frames: LogFrame[] = [
  { type: "begin", run: 4, startedAt: "2026-01-01T00:00:00.000Z" },
  { type: "output", run: 4, position: "p", bytes: Buffer.from('{"type":"end"}\n\xff\0\n', "latin1") },
  { type: "output", run: 4, position: "q", bytes: Buffer.alloc(0) },
  { type: "end", run: 4, position: "r", exit: { code: 3, finishedAt: "2026-01-01T00:00:01.000Z" } },
  { type: "end", run: 5, position: "s" },
];

const plain = (all: LogFrame[]): unknown[] =>
  all.map((frame) => ("bytes" in frame ? { ...frame, bytes: Buffer.from(frame.bytes).toString("latin1") } : frame));

describe("the frames of a log", () => {
  it("are read as they were written, wherever they are cut", () => {
    const written = Buffer.concat(frames.map(encodeFrame));
    for (const size of [1, 2, 7, 50, written.length]) {
      const reader = new LogFrameReader();
      const read: LogFrame[] = [];
      for (let at = 0; at < written.length; at += size) read.push(...reader.push(written.subarray(at, at + size)));
      assert.deepEqual(plain(read), plain(frames));
    }
  });

  it("may be large, and come in small chunks", () => {
    const bytes = Buffer.alloc(1024 * 1024, "xyz");
    const written = encodeFrame({ type: "output", run: 1, position: "p", bytes });
    const reader = new LogFrameReader();
    const read: LogFrame[] = [];
    for (let at = 0; at < written.length; at += 1024) read.push(...reader.push(written.subarray(at, at + 1024)));
    assert.deepEqual(plain(read), plain([{ type: "output", run: 1, position: "p", bytes }]));
  });

  for (const text of [
    "no frame\n",
    "[]\n",
    '{"run":1}\n',
    '{"type":"other","run":1,"position":"p"}\n',
    '{"type":"output","run":1,"position":"p"}\n',
    '{"type":"output","run":1,"position":"p","length":-1}\n',
    '{"type":"output","run":1,"position":"p","length":1e15}\n',
    '{"type":"end","run":1}\n',
    '{"type":"end","run":-1,"position":"p"}\n',
    '{"type":"end","run":1e300,"position":"p"}\n',
    '{"type":"begin","run":"\\u001b[31m","startedAt":"2026-01-01T00:00:00.000Z"}\n',
    '{"type":"begin","run":1}\n',
    '{"type":"begin","run":1,"startedAt":"\\u001b]0;title\\u0007"}\n',
    '{"type":"begin","run":1,"startedAt":{"toString":"x"}}\n',
    '{"type":"end","run":1,"position":"p","exit":{"code":"\\u001b[2J","finishedAt":"x"}}\n',
    '{"type":"end","run":1,"position":"p","exit":{"signal":"SIG\\u202eTERM","finishedAt":"x"}}\n',
    '{"type":"end","run":1,"position":"p","exit":{"code":1}}\n',
    '{"type":"end","run":1,"position":"p","exit":[]}\n',
    `{"type":"output","run":1,"position":"${"p".repeat(1_000)}","length":1}\n`,
    `{"type":"end","run":1,"position":"p","more":"${"x".repeat(70_000)}"}\n`,
    "x".repeat(70_000),
  ]) {
    it(`refuse ${text.slice(0, 60).trim()}`, () =>
      assert.throws(() => [...new LogFrameReader().push(Buffer.from(text))], { reason: "NotAcceptable" }));
  }
});
