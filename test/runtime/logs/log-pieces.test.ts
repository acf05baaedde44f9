import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { LineSplitter, LONGEST_LINE } from "../../../runtime/logs/line-splitter.ts";
import { tailOffset } from "../../../runtime/logs/tail-offset.ts";
import { offsetSince, thin, timeAt } from "../../../runtime/logs/time-index.ts";

const text = fc
  .array(fc.constantFrom("a", "bb", "\n", "\n\n", "ccc\n", "€"))
  .map((parts) => Buffer.from(parts.join("")));

describe("lines", () => {
  it("put together again are the bytes, however they came", () => {
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 5 })), (bytes, sizes) => {
        const splitter = new LineSplitter(100);
        const lines: { bytes: Buffer; end: number }[] = [];
        for (let at = 0, index = 0; at < bytes.length; index++) {
          const size = sizes[index % sizes.length] ?? 3;
          lines.push(...splitter.push(bytes.subarray(at, at + size)));
          at += size;
        }
        lines.push(...splitter.rest());
        assert.deepEqual(Buffer.concat(lines.map((line) => line.bytes)), bytes);
        let end = 100;
        for (const line of lines) {
          end += line.bytes.length;
          assert.equal(line.end, end);
          assert.equal(line.bytes.subarray(0, -1).includes(0x0a), false);
        }
      }),
    );
  });

  it("that are too long come in pieces", () => {
    const splitter = new LineSplitter(0);
    const long = Buffer.alloc(LONGEST_LINE * 2 + 10, "x");
    long[long.length - 1] = 0x0a;
    const lines = [...splitter.push(long)];
    assert.deepEqual(
      lines.map(({ bytes, isPiece }) => [bytes.length, isPiece]),
      [
        [LONGEST_LINE, true],
        [LONGEST_LINE, true],
        [10, false],
      ],
    );
    assert.equal(lines.at(-1)!.end, long.length);
  });
});

describe("the tail", () => {
  it("begins where the last lines begin", async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.nat(6), fc.nat(3), async (bytes, wanted, from) => {
        const start = Math.min(from, bytes.length);
        const readAt = async (position: number, length: number) => bytes.subarray(position, position + length);
        const offset = await tailOffset(readAt, start, bytes.length, wanted);
        const lines =
          bytes
            .subarray(start)
            .toString("latin1")
            .match(/[^\n]*\n|[^\n]+$/g) ?? [];
        assert.equal(bytes.subarray(offset).toString("latin1"), wanted === 0 ? "" : lines.slice(-wanted).join(""));
      }),
    );
  });

  it("is found over blocks", async () => {
    const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, line) => `line ${line}\n`).join(""));
    const readAt = async (position: number, length: number) => bytes.subarray(position, position + length);
    const offset = await tailOffset(readAt, 0, bytes.length, 30_000);
    assert.ok(bytes.subarray(offset).toString().startsWith("line 20000\n"));
  });
});

describe("times", () => {
  const samples = [
    { size: 10, time: 1000 },
    { size: 20, time: 2000 },
    { size: 30, time: 3000 },
  ];

  it("of a line: the first look that saw all of it", () => {
    assert.equal(timeAt(samples, 1), 1000);
    assert.equal(timeAt(samples, 10), 1000);
    assert.equal(timeAt(samples, 11), 2000);
    assert.equal(timeAt(samples, 31), undefined);
  });

  it("since: all before the offset is older", () => {
    assert.equal(offsetSince(samples, 500), 0);
    assert.equal(offsetSince(samples, 1000), 0);
    assert.equal(offsetSince(samples, 1001), 10);
    assert.equal(offsetSince(samples, 9999), 30);
  });

  it("thinned out: newer ones stay, those of released bytes go", () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ size: index, time: index }));
    const thinned = thin({ start: 19, samples: many, isUtf16: false }).samples;
    assert.equal(thinned.length, 60);
    assert.equal(thinned[0]!.size, 20);
    assert.deepEqual(thinned.slice(-40), many.slice(-40));
  });
});
