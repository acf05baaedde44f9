import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IdleHeap, type YoungGeneration } from "../../lib/idle-heap.ts";
import { FakeClock } from "./fake-clock.ts";

const MiB = 1024 * 1024;

describe("IdleHeap", () => {
  it("collects a dozen times when V8 has collected nothing for two seconds, and then no more", () => {
    const { clock, young, heap } = idleHeap();
    heap.collected();
    clock.advance(1_900);
    heap.collected();
    clock.advance(1_900);
    assert.equal(young.collections, 0);
    clock.advance(100);
    assert.equal(young.collections, 1);
    clock.advance(10 * 60_000);
    assert.equal(young.collections, 12);
  });

  it("leaves a small young generation alone", () => {
    const { clock, young, heap } = idleHeap(8 * MiB);
    heap.collected();
    clock.advance(60_000);
    assert.equal(young.collections, 0);
    young.bytes = 16 * MiB;
    heap.collected();
    clock.advance(60_000);
    assert.equal(young.collections, 12);
  });

  it("gives up when V8 collects meanwhile, and tries again a while later", () => {
    const { clock, young, heap } = idleHeap();
    heap.collected();
    clock.advance(2_500);
    assert.equal(young.collections, 2);
    heap.collected();
    clock.advance(14_000);
    assert.equal(young.collections, 2);
    clock.advance(10_000);
    assert.equal(young.collections, 14);
  });

  it("makes a pause before it collects again, although it had no effect", () => {
    const { clock, young, heap } = idleHeap();
    heap.collected();
    clock.advance(8_000);
    heap.collected();
    clock.advance(8_000);
    assert.equal(young.collections, 12);
    clock.advance(8_000);
    assert.equal(young.collections, 24);
  });

  it("collects nothing once it is closed", () => {
    const { clock, young, heap } = idleHeap();
    heap.collected();
    clock.advance(3_000);
    const before = young.collections;
    heap.close();
    clock.advance(60_000);
    assert.equal(young.collections, before);
  });
});

function idleHeap(bytes = 32 * MiB) {
  const clock = new FakeClock(new Date());
  const young = new FakeYoungGeneration(bytes);
  return { clock, young, heap: new IdleHeap(clock, young) };
}

class FakeYoungGeneration implements YoungGeneration {
  bytes: number;
  collections = 0;

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  size(): number {
    return this.bytes;
  }

  collector(): () => void {
    return () => {
      this.collections++;
    };
  }
}
