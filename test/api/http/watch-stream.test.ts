import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StatusError } from "../../../api/errors.ts";
import { watchEvents } from "../../../api/http/watch-stream.ts";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("watchEvents", () => {
  async function* cut(bytes: Uint8Array, sizes: number[]): AsyncGenerator<Uint8Array> {
    let at = 0;
    for (const size of sizes) {
      yield bytes.subarray(at, at + size);
      at += size;
    }
    yield bytes.subarray(at);
  }

  it("finds the same events wherever the pieces are cut", async () => {
    const name = fc.string({ unit: "grapheme" });
    const event = fc.record({ type: fc.constant("ADDED"), object: fc.record({ metadata: fc.record({ name }) }) });
    await fc.assert(
      fc.asyncProperty(fc.array(event), fc.array(fc.nat(40)), async (events, sizes) => {
        const bytes = Buffer.from(events.map((one) => `${JSON.stringify(one)}\n`).join(""));
        assert.deepEqual(await all(watchEvents(cut(bytes, sizes))), JSON.parse(JSON.stringify(events)));
      }),
    );
  });

  it("throws nothing but StatusError, whatever comes", async () => {
    const line = fc.constantFrom(
      "<html>",
      "null",
      "[]",
      "{}",
      '{"type":1}',
      '{"type":"ERROR","object":{}}',
      "",
      "\r",
      '{"type":"X","object":{}}',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line), async (lines) => {
        try {
          await all(watchEvents(cut(Buffer.from(lines.join("\n")), [3, 5])));
        } catch (error) {
          assert.ok(error instanceof StatusError, String(error));
        }
      }),
    );
  });

  it("does not keep a line without end", async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(1024 * 1024, "x");
    }
    await assert.rejects(all(watchEvents(endless())), /an event is too large/);
  });
});
