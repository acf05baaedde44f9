import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { FrameSplitter } from "../../lib/frame-splitter.ts";
import { repeats } from "../repeats.ts";

/** A byte for the length of the length, the length, so many bytes; 9 begins no frame. */
function sizeOf(bytes: Buffer, at: number): number {
  const width = bytes[at]!;
  if (width === 9) throw new Error("no frame");
  return bytes.length - at < 1 + width ? 1 + width : 1 + width + (width === 0 ? 0 : bytes.readUIntBE(at + 1, width));
}

const frame = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.uint8Array({ maxLength: 255 })).map(([width, data]) => {
  const head = Buffer.alloc(1 + width, width);
  head.writeUIntBE(data.length, 1, width);
  return Buffer.concat([head, data]);
});

/** Frames, and the error after them. */
function read(chunks: Iterable<Buffer>): { frames: Buffer[]; error: string | undefined } {
  const splitter = new FrameSplitter(sizeOf);
  const frames: Buffer[] = [];
  try {
    for (const chunk of chunks) for (const one of splitter.push(chunk)) frames.push(Buffer.from(one));
  } catch (error) {
    return { frames, error: (error as Error).message };
  }
  return { frames, error: undefined };
}

function* cut(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let [at, nth] = [0, 0]; at < bytes.length; nth++) {
    const size = sizes[nth % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe("frames in a stream of bytes", () => {
  it("are the same, and so is the error behind them, however the stream was cut", () => {
    const sizes = fc.array(fc.oneof(fc.constant(1), fc.nat(9), fc.nat(600)), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(frame), fc.boolean(), sizes, ([...frames], isBroken, sizes) => {
        const bytes = Buffer.concat([...frames, Buffer.from(isBroken ? [9, 9] : [2, 1])]);
        const expected = { frames, error: isBroken ? "no frame" : undefined };
        for (const how of [[1], [bytes.length], [...sizes, 1]]) assert.deepEqual(read(cut(bytes, how)), expected);
      }),
      { numRuns: repeats(100) },
    );
  });

  it("are looked at a few times each, and not with every byte of them", () => {
    let looks = 0;
    const splitter = new FrameSplitter((bytes, at) => {
      looks++;
      return sizeOf(bytes, at);
    });
    const bytes = Buffer.concat([Buffer.from([2, 255, 255]), Buffer.alloc(65_535)]);
    const frames = [...cut(bytes, [1])].flatMap((byte) => [...splitter.push(byte)]);
    assert.deepEqual(frames, [bytes]);
    assert.ok(looks <= 3, `${looks} looks`);
  });
});
