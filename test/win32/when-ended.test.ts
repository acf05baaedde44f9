import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Win32Context } from "../../runtime/win32/context.ts";
import type { Job } from "../../runtime/win32/job/job.ts";
import type { HeldProcess } from "../../runtime/win32/process/held-process.ts";
import { whenEnded } from "../../runtime/win32/tree/when-ended.ts";
import { FakeClock } from "../lib/fake-clock.ts";

/** Windows does not promise to deliver the messages of a job. */
describe("the end of a probe on Windows", () => {
  it("is seen when its message is lost, however late, and is asked of no handle after that", async () => {
    const clock = new FakeClock();
    let looks = 0;
    let hasEnded = false;
    let watching = 0;
    const process = {
      get hasEnded() {
        looks++;
        return hasEnded;
      },
    } as HeldProcess;
    const watch = () => {
      watching++;
      return () => void watching--;
    };
    const { ended } = whenEnded({ clock, watcher: { watch } } as unknown as Win32Context, {} as Job, process);
    for (let second = 0; second < 60; second++) clock.advance(1_000);
    assert.ok(looks < 100, `${looks} looks in a minute`);
    hasEnded = true;
    clock.advance(1_000);
    await ended;
    assert.equal(watching, 0);
    const before = looks;
    clock.advance(60_000);
    assert.equal(looks, before);
  });
});
