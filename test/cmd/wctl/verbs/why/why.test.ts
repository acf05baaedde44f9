import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Desk } from "../../desk.ts";
import { furnishedDesk } from "../../furnished-desk.ts";

describe("wctl why", () => {
  let desk: Desk;
  before(async () => {
    desk = await furnishedDesk();
  });
  after(() => desk.close());

  it("explains a process, down to the copy that waits and its next try", async () => {
    const { out } = await desk.wctl("why process/web");
    for (const part of [
      /^process\/web is Running: \d of 2 instances ready\n\n/,
      /\nDesired: +2 instances of \/bin\/web --name "a b"\n/,
      /\nObserved: +2 instances: 2 updated, 2 ready, 2 available\n/,
      /\nRule: +none has fired yet/,
      / {2}web-0: {2}pid 4711, ready; Running for \d+d, since 2026-01-01T00:00:00Z\n/,
      / {2}web-1: {2}Waiting: CrashLoopBackOff \(next try in /,
      /\nCause: +web-1: exited with code 3\nAdvice: +its output tells more: wctl logs/,
      /\nLast output of web-1:\n {2}three\n {2}four\n/,
    ]) {
      assert.match(out, part);
    }
  });

  it("explains an instance", async () => {
    const { out } = await desk.wctl("why instance/web-1");
    assert.match(
      out,
      /^instance\/web-1 is Backoff: waiting before restart 5\n\nCause: +exited with code 3\nAdvice: .*\nLast output:\n {2}three\n {2}four\nDesired: +running: \/bin\/web\nWanted by: +process\/web /,
    );
    assert.match(
      out,
      /\nRestarts: +4 \(5 failed runs in a row, policy Always\)\nRule: +BackOff, since \d+d\nNext try: +in \d+y/,
    );
  });

  it("knows only what is decided about", async () => {
    assert.match(
      (await desk.wctl("why namespace/default")).err,
      /^error: why explains processes and instances, not namespaces/,
    );
    assert.match((await desk.wctl("why")).err, /^error: name a process or an instance/);
  });
});
