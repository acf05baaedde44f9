import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Due, DueQueue } from "../../../runtime/probes/due-queue.ts";

describe("DueQueue", () => {
  it("always shows the earliest, whatever was put, moved and taken out", () => {
    const act = fc.record({ who: fc.nat(20), due: fc.nat(50), leave: fc.boolean() });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const items: Due[] = Array.from({ length: 21 }, () => ({ due: 0, position: -1 }));
        const inside = new Set<Due>();
        const queue = new DueQueue<Due>();
        for (const { who, due, leave } of acts) {
          const item = items[who] as Due;
          if (leave) {
            queue.delete(item);
            inside.delete(item);
          } else {
            queue.delete(item);
            item.due = due;
            queue.put(item);
            inside.add(item);
          }
          assert.equal(queue.size, inside.size);
          assert.equal(queue.first?.due, inside.size ? Math.min(...[...inside].map((one) => one.due)) : undefined);
        }
      }),
    );
  });
});
