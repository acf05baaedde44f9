import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { spdyDictionary } from "../../../../apiserver/exec/spdy/dictionary.ts";
import {
  controlFrame,
  dataFrame,
  FIN,
  LONGEST_FRAME,
  SpdyReader,
  types,
} from "../../../../apiserver/exec/spdy/frames.ts";
import { emptyHeaderBlock, HeaderBlockReader } from "../../../../apiserver/exec/spdy/header-blocks.ts";
import { HeaderWriter, inflated } from "./spdy-client.ts";

describe("frames of SPDY", () => {
  it("are read whatever pieces they come in", () => {
    const bytes = Buffer.concat([
      dataFrame(3, Buffer.from("one")),
      controlFrame(types.ping, [7], 0),
      dataFrame(5, Buffer.alloc(0), { isLast: true }),
    ]);
    const expected = [
      { kind: "data", stream: 3, isLast: false, data: Buffer.from("one") },
      { kind: "control", type: types.ping, flags: 0, data: Buffer.from([0, 0, 0, 7]) },
      { kind: "data", stream: 5, isLast: true, data: Buffer.alloc(0) },
    ];
    for (const size of [1, 2, 3, 7, 8, 9, bytes.length]) {
      const reader = new SpdyReader();
      const frames = [];
      for (let at = 0; at < bytes.length; at += size) frames.push(...reader.push(bytes.subarray(at, at + size)));
      assert.deepEqual(frames, expected, `in pieces of ${size}`);
    }
    assert.equal(controlFrame(types.synStream, [], FIN)[4], FIN);
  });

  it("are refused when they are too long, or of another version", () => {
    const long = dataFrame(1, Buffer.alloc(LONGEST_FRAME + 1)).subarray(0, 8);
    assert.throws(() => [...new SpdyReader().push(long)], /too long/);
    const other = controlFrame(types.ping, [1]);
    other[1] = 2;
    assert.throws(() => [...new SpdyReader().push(other)], /another version/);
  });
});

describe("headers of SPDY", () => {
  it("are compressed with what both sides have in mind", () => {
    let [a, b] = [1, 0];
    for (const byte of spdyDictionary) {
      a = (a + byte) % 65_521;
      b = (b + a) % 65_521;
    }
    assert.equal((b * 65_536 + a).toString(16), "e3c6a7c2", "the checksum that zlib names in the first block");
  });

  it("are read block by block, each with what came before", async () => {
    const writer = new HeaderWriter();
    const reader = new HeaderBlockReader();
    // More of them than a block can refer back to.
    for (let nth = 0; nth < 90; nth++) {
      const type = ["error", "stdin", `${nth}`.repeat(1000)][nth % 3]!;
      const headers = reader.read(await writer.block({ StreamType: type, port: "" }));
      assert.deepEqual(
        [...headers],
        [
          ["streamtype", type],
          ["port", ""],
        ],
      );
    }
  });

  it("are none of the server's, in a stream that clients can read", async () => {
    const [first, next] = [emptyHeaderBlock(true), emptyHeaderBlock(false)];
    assert.deepEqual(await inflated([first, next, next]), Buffer.alloc(12));
  });

  it("are refused when they lie, are too long, or grow", async () => {
    const block = await new HeaderWriter().block({ a: "b" });
    assert.throws(() => new HeaderBlockReader().read(randomBytes(40)));
    assert.throws(() => new HeaderBlockReader().read(Buffer.alloc(0)));
    assert.throws(() => new HeaderBlockReader().read(block.subarray(0, 8)));
    assert.throws(() => new HeaderBlockReader().read(Buffer.alloc(9000)), /too many/);
    const bomb = await new HeaderWriter().block({ a: "x".repeat(8_000_000) });
    assert.throws(() => new HeaderBlockReader().read(bomb), "8 MB of the same letter");
  });
});
