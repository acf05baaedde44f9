import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Heap, type HeapItem } from "../../lib/heap.ts";

interface Item extends HeapItem {
  rank: number;
}

const newHeap = (): Heap<Item> => new Heap<Item>((a, b) => a.rank < b.rank);

describe("a heap", () => {
  it("always shows the first, whatever was put, moved and taken out", () => {
    const act = fc.record({ who: fc.nat(20), rank: fc.nat(50), leave: fc.boolean() });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const items: Item[] = Array.from({ length: 21 }, () => ({ rank: 0, position: -1 }));
        const inside = new Set<Item>();
        const heap = newHeap();
        for (const { who, rank, leave } of acts) {
          const item = items[who] as Item;
          if (leave) {
            heap.delete(item);
            inside.delete(item);
          } else {
            item.rank = rank;
            heap.put(item);
            inside.add(item);
          }
          assert.equal(heap.size, inside.size);
          assert.equal(heap.first?.rank, inside.size ? Math.min(...[...inside].map((one) => one.rank)) : undefined);
        }
      }),
    );
  });

  it("lets all go at once, and takes them in again", () => {
    const heap = newHeap();
    const items = [3, 1, 2].map((rank) => ({ rank, position: -1 }));
    for (const item of items) heap.put(item);
    heap.clear();
    assert.deepEqual([heap.size, heap.first, items.map(({ position }) => position)], [0, undefined, [-1, -1, -1]]);
    for (const item of items) heap.put(item);
    assert.equal(heap.first, items[1]);
  });
});
