import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ByteQueue } from "../../lib/byte-queue.ts";
import { repeats } from "../repeats.ts";

describe("a queue of bytes", () => {
  it("gives what came, in its order, whatever it is asked for", () => {
    const push = fc.uint8Array({ maxLength: 600 }).map((bytes) => ({ bytes }));
    const take = fc.option(fc.nat(900), { nil: undefined }).map((count) => ({ count }));
    fc.assert(
      fc.property(fc.array(fc.oneof(push, take)), (steps) => {
        const queue = new ByteQueue();
        let model = Buffer.alloc(0);
        for (const step of steps) {
          if ("bytes" in step) {
            queue.push(step.bytes);
            model = Buffer.concat([model, step.bytes]);
          } else {
            const count = Math.min(step.count ?? model.length, model.length);
            assert.deepEqual(queue.take(step.count), model.subarray(0, count));
            model = model.subarray(count);
          }
          assert.equal(queue.length, model.length);
          assert.deepEqual(queue.bytes, model);
        }
      }),
      { numRuns: repeats(100) },
    );
  });

  it("keeps a copy, and gives away what nobody changes any more", () => {
    const queue = new ByteQueue();
    const mine = Buffer.from("abc");
    queue.push(mine);
    mine.fill("x");
    const [some, rest] = [queue.take(1), queue.take()];
    queue.push(Buffer.from("later"));
    assert.deepEqual([some.toString(), rest.toString()], ["a", "bc"]);
  });
});
