import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure } from "../../../../cmd/wctl/errors/failure.ts";
import { report } from "../../../../cmd/wctl/errors/report.ts";
import { plain, plainLine } from "../../../../cmd/wctl/text/plain.ts";
import { ruledTable } from "../../../../cmd/wctl/text/ruled-table.ts";
import { stateText } from "../../../../cmd/wctl/text/state-text.ts";

/** It renames the terminal, clears it, goes back to the beginning, turns the text around, and forges lines of ours. */
const HOSTILE = "\x1b]0;evil\x07\x1b[2J\x9b2J probe\r\u202e\u2028\n\nCause: none";

const isHarmless = (text: string): void => {
  assert.equal(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/.test(text), false, JSON.stringify(text));
};

describe("words of somebody else", () => {
  it("move no cursor and turn no text around", () => {
    isHarmless(plain(HOSTILE));
    assert.equal(plain("a\u202eb"), "a\\u202eb");
    assert.equal(plainLine(" two\n\n  lines\n"), "two lines");
  });

  it("forge no line in a table, a state or a sentence", () => {
    const lines = ruledTable(
      ["Name", "Message"],
      [
        ["web", HOSTILE],
        ["db", "well"],
      ],
    );
    assert.equal(lines.length, 4);
    for (const line of lines) isHarmless(line);
    const state = stateText({ terminated: { reason: "LivenessFailed", exitCode: 1, message: HOSTILE } }, new Date())!;
    isHarmless(state);
    assert.equal(state.includes("\n"), false);
  });

  it("are harmless in what an error says", () => {
    for (const error of [
      new Error(HOSTILE),
      new Failure(HOSTILE, { hint: HOSTILE }),
      new AggregateError([new Failure(HOSTILE)]),
    ]) {
      isHarmless(report(error));
    }
  });
});
