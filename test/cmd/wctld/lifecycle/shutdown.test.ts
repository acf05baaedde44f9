import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { afterRequest, Shutdown } from "../../../../cmd/wctld/lifecycle/shutdown.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

function world() {
  const clock = new FakeClock();
  const left: string[] = [];
  const seen: string[] = [];
  const shutdown = new Shutdown({ clock, leave: (why) => void left.push(why) });
  void shutdown.stop.then(() => seen.push("stop"));
  void shutdown.insist.then(() => seen.push("insist"));
  const heard = async (): Promise<string> => {
    await new Promise((resolve) => setImmediate(resolve));
    return seen.splice(0).join(" ");
  };
  return { clock, left, shutdown, heard };
}

describe("the end of the daemon", () => {
  it("leads to the end of the process from every phase, however often somebody asks", () => {
    for (let phase of Object.keys(afterRequest) as (keyof typeof afterRequest)[]) {
      for (let asked = 0; asked < 5; asked++) phase = afterRequest[phase];
      assert.equal(phase, "Leaving");
    }
  });

  it("stops at the first request, leaves the workloads at the second, ends within a second at the third", async () => {
    const { clock, left, shutdown, heard } = world();
    shutdown.started();
    assert.equal(shutdown.asked, false);
    shutdown.request();
    assert.deepEqual([await heard(), shutdown.asked], ["stop", true]);
    shutdown.request();
    assert.equal(await heard(), "insist");
    shutdown.closing();
    shutdown.request();
    clock.advance(999);
    assert.deepEqual(left, []);
    clock.advance(1);
    assert.match(left.join(), /asked again to stop/);
  });

  it("lets a start finish at the first request, and does not wait for it at the second", async () => {
    const { clock, left, shutdown, heard } = world();
    shutdown.request();
    assert.equal(await heard(), "stop");
    clock.advance(3_600_000);
    assert.deepEqual(left, []);
    shutdown.request();
    shutdown.started(); // Just in time: it ends in good order, but for the workloads.
    assert.equal(await heard(), "insist");
    shutdown.closing();
    shutdown.closed();
    clock.advance(3_600_000);
    assert.deepEqual(left, []);
  });

  it("of a daemon that keeps its workloads is not hurried by a signal that came twice", async () => {
    const { clock, left, shutdown } = world();
    shutdown.started();
    shutdown.request();
    shutdown.closing();
    shutdown.request();
    clock.advance(500);
    shutdown.closed();
    clock.advance(3_600_000);
    assert.deepEqual(left, []);
  });

  it("comes within 20 s of closing, whatever does not close (P24)", () => {
    const { clock, left, shutdown } = world();
    shutdown.started();
    shutdown.request();
    shutdown.closing();
    clock.advance(19_999);
    assert.deepEqual(left, []);
    clock.advance(1);
    assert.deepEqual(left, ["it did not end within 20 s"]);
  });
});
