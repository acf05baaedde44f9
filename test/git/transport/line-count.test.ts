import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LineCount } from "../../../git/transport/line-count.ts";
import { NotedTransport } from "../../../git/transport/noted-transport.ts";
import { pktLine } from "../../../git/transport/pkt-lines.ts";

const MOST = 50;
const refused = { reason: "LimitExceeded", message: /more than 50 lines in one answer/ };

/** What is sent in pieces of this size. */
function count(text: string, piece: number): void {
  const bytes = Buffer.from(text, "latin1");
  const lines = new LineCount(MOST);
  for (let at = 0; at < bytes.length; at += piece) lines.add(bytes.subarray(at, at + piece));
}

describe("the lines of an answer", () => {
  for (const [name, line] of Object.entries({
    "an empty line": "0004",
    "the end of a section": "0000",
    "a byte": "0005x",
  })) {
    it(`are counted, each ${name}, in pieces of any size`, () => {
      for (const piece of [1, 3, 7, line.length * MOST]) {
        count(line.repeat(MOST), piece);
        assert.throws(() => count(line.repeat(MOST + 1), piece), refused);
      }
    });
  }

  it("may be as long as git has them, with anything inside", () => {
    count(pktLine("0004".repeat(16_379)).repeat(MOST), 65_536);
  });

  it("are not counted where there are none", () => {
    count(`<html>${"0000".repeat(MOST + 1)}`, 4096);
  });

  it("end the answer, and the transport knows why", async () => {
    const body = (async function* () {
      for (;;) yield Buffer.alloc(65_536, "0000");
    })();
    const answer = { url: "", method: "POST", headers: {}, statusCode: 200, statusMessage: "OK", body };
    const transport = new NotedTransport({ url: "", request: async () => answer, close: async () => {} });
    const { body: noted } = await transport.request({ url: "" });
    await assert.rejects(async () => {
      for await (const _ of noted);
    }, /more than 700000 lines in one answer/);
    assert.equal(transport.failure?.reason, "LimitExceeded");
  });
});
