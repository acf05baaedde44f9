import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type DaemonNote, parseDaemonHolder, parseDaemonNote } from "../../api/daemon-note.ts";

const note: DaemonNote = {
  state: "NotStarted",
  reason: "DataDirCopied",
  message: "/srv/copy is a copy",
  ways: ["Run: wctl data renew"],
  at: "2030-01-01T00:00:00.000Z",
  pid: 7,
};
const read = (changes: object): DaemonNote | undefined => parseDaemonNote(JSON.stringify({ ...note, ...changes }));

describe("the note of a daemon that does not answer", () => {
  it("is read as it was written", () => {
    assert.deepEqual(read({ version: 1 }), note);
  });

  it("is a claim: each text is one line without control characters, and bounded", () => {
    const hostile = `a\nerror: you\x1b]0;title\x07\u202e${"x".repeat(100_000)}`;
    const found = read({ message: hostile, reason: hostile, ways: [...Array(100).fill(hostile), 7, null] })!;
    for (const text of [found.message, ...found.ways]) {
      assert.doesNotMatch(text, /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/);
      assert.ok(text.length <= 2_000);
    }
    assert.deepEqual([found.ways.length, found.reason], [4, "Unknown"]);
  });

  for (const text of ["", "null", "[]", "7", '{"state":"NotStarted"}', "{", "\0"])
    it(`is none in ${JSON.stringify(text)}`, () => assert.equal(parseDaemonNote(text), undefined));
  for (const changes of [
    { state: "Running" },
    { message: {} },
    { ways: "x" },
    { at: "\x1b[31m" },
    { at: 7 },
    { pid: -1 },
    { pid: "7" },
    { pid: 0.5 },
  ])
    it(`is none with ${JSON.stringify(changes)}`, () => assert.equal(read(changes), undefined));
});

describe("who holds a data directory", () => {
  it("is a pid with the time of its start, or nobody", () => {
    const holder = { pid: 7, startedAt: "2030-01-01T00:00:00.000Z" };
    assert.deepEqual(parseDaemonHolder(JSON.stringify({ ...holder, more: 1 })), holder);
    for (const text of [
      "",
      '{"pid":7}',
      '{"pid":"7","startedAt":"2030-01-01T00:00:00.000Z"}',
      '{"pid":7,"startedAt":"now"}',
    ])
      assert.equal(parseDaemonHolder(text), undefined);
  });
});
