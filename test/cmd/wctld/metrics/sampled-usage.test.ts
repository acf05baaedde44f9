import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SampledUsage } from "../../../../cmd/wctld/metrics/sampled-usage.ts";
import { eventually } from "../../../eventually.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

describe("what the machine uses", () => {
  it("is the mean of a window, and no more than it has", async () => {
    const clock = new FakeClock();
    const source = new SampledUsage({ usage: async () => new Map() }, clock, () => "here");
    const asked = source.ofNodes();
    await eventually(() => clock.pending > 0, "a second sample is waited for");
    clock.advance(500);
    const [one] = await asked;
    assert.deepEqual([one?.name, one?.window], ["here", "0.500s"]);
    assert.ok(one!.cpu >= 0 && one!.cpu <= 1024 && one!.memoryBytes > 0, JSON.stringify(one));
  });

  it("is unknown before the node has a name", async () => {
    const source = new SampledUsage({ usage: () => assert.fail("measured") }, new FakeClock(), () => undefined);
    assert.deepEqual(await source.ofNodes(), []);
  });
});
