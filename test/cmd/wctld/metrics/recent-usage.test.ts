import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RecentUsage } from "../../../../cmd/wctld/metrics/recent-usage.ts";
import type { ProcessState, Usage } from "../../../../runtime/runtime.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

/** A runtime with one Instance `a`. */
function measured() {
  const clock = new FakeClock();
  const world = { run: 1, cpuSeconds: 5, looks: 0, fails: false };
  const runtime = {
    get: () => ({ run: world.run }) as ProcessState,
    usage: async () => {
      world.looks++;
      if (world.fails) throw new Error("no handle");
      const { cpuSeconds } = world;
      return new Map<string, Usage>([["a", { cpuSeconds, memoryBytes: 1, handles: 1, processes: 1 }]]);
    },
  };
  const recent = new RecentUsage(runtime, clock);
  const seconds = async (): Promise<number | undefined> => (await recent.read()).get("a")?.cpuSeconds;
  return { clock, world, recent, seconds };
}

describe("RecentUsage", () => {
  it("looks once in fifteen seconds, however many ask", async () => {
    const { clock, world, recent } = measured();
    await Promise.all([recent.read(), recent.read()]);
    clock.advance(14_999);
    await recent.read();
    assert.equal(world.looks, 1);
    clock.advance(1);
    await recent.read();
    assert.equal(world.looks, 2);
  });

  it("lets processor time go back only with a new run", async () => {
    const { clock, world, seconds } = measured();
    assert.equal(await seconds(), 5);
    world.cpuSeconds = 3; // A child has ended and taken its seconds along.
    clock.advance(15_000);
    assert.equal(await seconds(), 5);
    world.cpuSeconds = 4;
    clock.advance(15_000);
    assert.equal(await seconds(), 5);
    world.run = 2;
    clock.advance(15_000);
    assert.equal(await seconds(), 4);
  });

  it("leaves out what cannot be looked at", async () => {
    const { clock, world, seconds } = measured();
    world.fails = true;
    assert.equal(await seconds(), undefined);
    world.fails = false;
    clock.advance(15_000);
    assert.equal(await seconds(), 5);
  });
});
