import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DaemonNote } from "../../../../api/daemon-note.ts";
import { ConnectionError } from "../../../../api/http/connection-error.ts";
import { NoServerKnown } from "../../../../api/kubeconfig/kubeconfig.ts";
import { isUnanswered, report } from "../../../../cmd/wctl/errors/report.ts";
import { type NoAnswer, noAnswerOf } from "../../../../cmd/wctl/no-answer/no-answer.ts";
import { runWords } from "../run-words.ts";

const now = new Date("2030-01-01T00:05:00Z");
const at = "2030-01-01T00:00:00.000Z";
const note: DaemonNote = {
  state: "NotStarted",
  reason: "DataDirCopied",
  message: "it is a copy",
  ways: ["Renew it"],
  at,
  pid: 7,
};
const holder = { pid: 8, startedAt: "2030-01-01T00:04:00.000Z" };
const of = (noted: Partial<DaemonNote> | undefined, held?: typeof holder): NoAnswer | undefined =>
  noAnswerOf({ dataDir: "/d", note: noted && { ...note, ...noted }, holder: held }, now);

describe("why no daemon answers", () => {
  it("is what kept it from starting, with the ways on", () => {
    assert.deepEqual(of({}), {
      reason: "DataDirCopied",
      sentence: "The daemon did not start on /d, 5m ago: it is a copy",
      ways: ["Renew it"],
    });
  });

  it("is why it supervises without its API, as long as it runs", () => {
    const shut: DaemonNote = {
      state: "ApiShut",
      reason: "ApiShut",
      message: "the port is taken",
      ways: [],
      at,
      pid: 8,
    };
    assert.equal(
      of(shut, holder)?.sentence,
      "The daemon with pid 8 supervises without its API, since 5m: the port is taken",
    );
    assert.equal(of(shut), undefined, "it has ended since, and nobody knows how");
    assert.equal(of({ ...shut, pid: 9 }, holder)?.reason, "DaemonSilent", "it was noted by another");
  });

  it("is that one holds the directory and is silent, whatever kept an earlier one from starting", () => {
    assert.match(
      of({}, holder)!.sentence,
      /^The daemon with pid 8 has \/d since 60s, and does not answer: it is starting, or it hangs/,
    );
  });

  it("is not known without a trace", () => assert.equal(of(undefined), undefined));
});

describe("a verb that finds no daemon", () => {
  const refused = new ConnectionError(
    "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
    undefined,
  );
  const why: NoAnswer = {
    reason: "DataDirCopied",
    sentence: "It is a copy\nerror: \x1b[31mfine",
    ways: ["Renew\u202e it"],
  };
  const ran = (...words: string[]) =>
    runWords(words, () => ({
      kubeconfig: undefined,
      namespace: undefined,
      open: () => Promise.reject(refused),
      whyNoAnswer: () => why,
    }));

  it("says what is known of it, harmless and in the place of a guess", async () => {
    const { code, err } = await ran("get", "processes");
    assert.equal(code, 1);
    assert.equal(err, `${refused.message}\nIt is a copy error: ^[[31mfine\nRenew\\u202e it\n`);
    assert.match(report(refused), /Is the daemon running\? Start it with: wctl daemon\n$/);
  });

  it("is told it also where no server is known at all, and of nothing else", () => {
    const none = new NoServerKnown("no server is known");
    assert.match(report(none, undefined, why), /^error: no server is known\nIt is a copy/);
    assert.equal(report(new Error("no"), undefined, why), "error: no\n");
    const errors = [none, refused, new AggregateError([new Error("no"), refused]), new Error("no")];
    assert.deepEqual(errors.map(isUnanswered), [true, true, true, false]);
  });

  it("is answered by why with the cause", async () => {
    const { code, out, err } = await ran("why", "web");
    assert.deepEqual([code, err], [1, ""]);
    assert.equal(
      out,
      "No daemon answers, so nobody can tell how process/web is.\n\nCause:   DataDirCopied: It is a copy error: ^[[31mfine\nAdvice:  Renew\\u202e it\n",
    );
  });
});
