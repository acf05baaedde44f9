import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressOf, answering } from "../../../runtime/ports/answering.ts";

const hosts = (listening: string[], host: string): string[] =>
  answering(
    listening.map((address) => ({ address })),
    host,
  ).map(({ address }) => address);

describe("who may answer at an address", () => {
  for (const [listening, host, answers] of [
    [["0.0.0.0", "127.0.0.1"], "127.0.0.1", ["127.0.0.1"]],
    [["0.0.0.0", "::"], "127.0.0.1", ["0.0.0.0"]],
    [["::"], "127.0.0.1", ["::"]],
    [["::1", "10.0.0.1"], "127.0.0.1", []],
    [["0.0.0.0"], "::1", []],
    [["::", "::1"], "0:0:0:0:0:0:0:1", ["::1"]],
    [["127.0.0.1", "::1"], "localhost", ["127.0.0.1", "::1"]],
    [["127.0.0.1", "127.0.0.1"], "127.0.0.1", ["127.0.0.1", "127.0.0.1"]],
  ] as const) {
    it(`${host} of ${listening.join(" and ")}: ${answers.join(" and ") || "nobody"}`, () =>
      assert.deepEqual(hosts([...listening], host), answers));
  }

  it("is told by its bytes", () => {
    assert.equal(addressOf(Uint8Array.of(127, 0, 0, 1)), "127.0.0.1");
    assert.equal(addressOf(Uint8Array.of(...Array(15).fill(0), 1)), "::1");
    assert.equal(addressOf(new Uint8Array(16)), "::");
    assert.equal(addressOf(Uint8Array.of(...Array(10).fill(0), 255, 255, 10, 0, 2, 1)), "10.0.2.1");
  });
});
