import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { afterRequest, Ending } from "../../../../cmd/wctld/lifecycle/ending.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

function world() {
  const clock = new FakeClock();
  const left: string[] = [];
  const seen: string[] = [];
  const ending = new Ending({ clock, leave: (why) => void left.push(why) });
  void ending.stop.then(() => seen.push("stop"));
  void ending.insist.then(() => seen.push("insist"));
  const heard = async (): Promise<string> => {
    await new Promise((resolve) => setImmediate(resolve));
    return seen.splice(0).join(" ");
  };
  return { clock, left, ending, heard };
}

describe("the end of the daemon", () => {
  it("leads to the end of the process from every phase, however often somebody asks", () => {
    for (let phase of Object.keys(afterRequest) as (keyof typeof afterRequest)[]) {
      for (let asked = 0; asked < 5; asked++) phase = afterRequest[phase];
      assert.equal(phase, "Leaving");
    }
  });

  it("stops at the first request, leaves the workloads at the second, ends within a second at the third", async () => {
    const { clock, left, ending, heard } = world();
    ending.started();
    assert.equal(ending.asked, false);
    ending.request();
    assert.deepEqual([await heard(), ending.asked], ["stop", true]);
    ending.request();
    assert.equal(await heard(), "insist");
    ending.closing();
    ending.request();
    clock.advance(999);
    assert.deepEqual(left, []);
    clock.advance(1);
    assert.match(left.join(), /asked again to stop/);
  });

  it("lets a start finish at the first request, and does not wait for it at the second", async () => {
    const { clock, left, ending, heard } = world();
    ending.request();
    assert.equal(await heard(), "stop");
    clock.advance(3_600_000);
    assert.deepEqual(left, []);
    ending.request();
    ending.started(); // Just in time: it ends in good order, but for the workloads.
    assert.equal(await heard(), "insist");
    ending.closing();
    ending.closed();
    clock.advance(3_600_000);
    assert.deepEqual(left, []);
  });

  it("of a daemon that keeps its workloads is not hurried by a signal that came twice", async () => {
    const { clock, left, ending } = world();
    ending.started();
    ending.request();
    ending.closing();
    ending.request();
    clock.advance(500);
    ending.closed();
    clock.advance(3_600_000);
    assert.deepEqual(left, []);
  });

  it("comes within 20 s of closing, whatever does not close (P24)", () => {
    const { clock, left, ending } = world();
    ending.started();
    ending.request();
    ending.closing();
    clock.advance(19_999);
    assert.deepEqual(left, []);
    clock.advance(1);
    assert.deepEqual(left, ["it did not end within 20 s"]);
  });
});
