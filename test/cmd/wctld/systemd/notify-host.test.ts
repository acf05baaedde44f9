import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { NotifyHost, watchdogFor } from "../../../../cmd/wctld/systemd/notify-host.ts";
import { notify } from "../../../../runtime/posix/service/notify-socket.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

describe("what systemd is told", () => {
  let clock: FakeClock;
  let told: string[];
  const host = (watchdogMs?: number): NotifyHost =>
    new NotifyHost({
      tell: (...assignments) => void told.push(assignments.join(" ")),
      clock,
      ...(watchdogMs !== undefined && { watchdogMs }),
    });
  beforeEach(() => {
    clock = new FakeClock();
    told = [];
  });

  it("is when the daemon supervises, and when it begins to end", () => {
    const it = host();
    it.ready();
    it.stopping();
    clock.advance(1_000_000);
    assert.deepEqual(told, ["READY=1 STATUS=Supervising", "STOPPING=1 STATUS=Stopping"]);
  });

  it("is that the API is shut, also when that was so at the start", () => {
    const it = host();
    it.apiShut("the port is taken");
    it.ready();
    it.apiOpen();
    it.failed("a bug");
    assert.deepEqual(told, [
      "STATUS=The API does not answer, the workloads are supervised without it: the port is taken",
      "READY=1",
      "STATUS=Supervising",
      "STATUS=Failed: a bug",
    ]);
  });

  it("is a sign of life three times in the time that it waits, until the end begins", () => {
    const it = host(120_000);
    it.ready();
    for (let nth = 0; nth < 3; nth++) clock.advance(40_000);
    it.stopping();
    clock.advance(400_000);
    assert.equal(told.filter((text) => text === "WATCHDOG=1").length, 4);
  });

  it("is looked at only by whom it is meant for", () => {
    assert.equal(watchdogFor({ WATCHDOG_USEC: "120000000", WATCHDOG_PID: "7" }, 7), 120_000);
    assert.equal(watchdogFor({ WATCHDOG_USEC: "120000000" }, 7), 120_000);
    for (const env of [{}, { WATCHDOG_USEC: "1", WATCHDOG_PID: "8" }, { WATCHDOG_USEC: "x" }, { WATCHDOG_USEC: "-1" }])
      assert.equal(watchdogFor(env, 7), undefined);
  });

  it("harms nobody when nobody listens", { skip: process.platform === "linux" ? false : "needs Linux" }, () => {
    assert.throws(() => notify("/no/such/socket", ["READY=1"]), { code: "ENOENT" });
    assert.throws(() => notify("@wctl-test-nobody", ["READY=1"]), { code: "ECONNREFUSED" });
    NotifyHost.from({ NOTIFY_SOCKET: "/no/such/socket" }, clock).ready();
  });
});
