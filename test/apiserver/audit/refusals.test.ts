import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Refusals } from "../../../apiserver/audit/refusals.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { auditLogs } from "../test-server.ts";

function desk(each = 3, all = 100) {
  const clock = new FakeClock(new Date(0));
  // biome-ignore lint/suspicious/noExplicitAny: whatever was written
  const events: any[] = [];
  const log = auditLogs({ record: async (event) => void events.push(event) }).refusals;
  const rates = { each: { burst: each, refillMs: 10_000 }, all: { burst: all, refillMs: 1_000 } };
  const refusals = new Refusals(log, rates, clock);
  const ask = async (asker: string, times = 1) => {
    for (let n = 0; n < times; n++) {
      const user = { name: asker, groups: [] };
      const request = { auditId: `${asker}-${n}`, user, verb: "get", path: "/x", received: clock.wall() };
      await refusals.record(asker, request, { code: 403 });
    }
  };
  const told = () =>
    events
      .splice(0)
      .map(({ user, annotations }) => [user.username, annotations["wctl.dev/refusals"]])
      .sort();
  return { clock, refusals, ask, told };
}

describe("refusals", () => {
  it("are written down one by one, and those of who asks without end are counted, and told once a minute", async () => {
    const { clock, ask, told } = desk();
    await ask("jane", 1_000);
    await ask("bob");
    assert.deepEqual(told(), [
      ["bob", undefined],
      ["jane", undefined],
      ["jane", undefined],
      ["jane", undefined],
    ]);
    clock.advance(60_000);
    assert.deepEqual(told(), [["jane", "997"]]);
    clock.advance(600_000);
    assert.deepEqual(told(), [], "nothing is told twice");
    await ask("jane");
    assert.deepEqual(told(), [["jane", undefined]], "who has rested is written down again");
  });

  it("of many askers together are bounded too: lines and memory", async () => {
    const { clock, ask, told } = desk(3, 10);
    for (let n = 0; n < 5_000; n++) await ask(`user-${n}`, 2);
    assert.equal(told().length, 10);
    clock.advance(60_000);
    const counted = told();
    assert.ok(counted.length <= 11, `${counted.length} lines`);
    assert.equal(
      counted.reduce((sum, [, count]) => sum + Number(count), 0),
      10_000 - 10,
      "none is forgotten",
    );
  });

  it("that were counted are told when the daemon ends", async () => {
    const { refusals, ask, told } = desk();
    await ask("jane", 5);
    told();
    await refusals.close();
    assert.deepEqual(told(), [["jane", "2"]]);
  });
});
