import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serviceConstants as c } from "../../../runtime/win32/ffi/service-constants.ts";
import { DispatcherThread } from "../../../runtime/win32/service/dispatcher-thread.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { FakeServiceApi } from "./service-api-fake.ts";

describe("the thread that is lent to the service control manager", () => {
  const clock = new FakeClock();
  let exitCode: number = c.STILL_ACTIVE;
  const fake = new FakeServiceApi({
    GetModuleHandleW: () => 3,
    GetProcAddress: () => 77n,
    CreateThread: () => 9,
    GetExitCodeThread: (_thread: number, out: Buffer) => out.writeUInt32LE(exitCode),
  });
  const thread = new DispatcherThread(fake.api, clock);

  it("begins in StartServiceCtrlDispatcherW itself", () => {
    thread.begin(5n);
    assert.deepEqual(fake.named("GetProcAddress")[0]?.slice(1), [3, "StartServiceCtrlDispatcherW"]);
    const [, , , start, , flags] = fake.named("CreateThread")[0]!;
    assert.equal(start, 77n);
    assert.equal(flags, c.STACK_SIZE_PARAM_IS_A_RESERVATION);
  });

  it("is looked at until it ends: 0 when it did its work, else nobody but a console started us", async () => {
    let code: number | undefined;
    const ended = thread.ended().then((found) => {
      code = found;
    });
    for (let look = 0; look < 5; look++) {
      clock.advance(20);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(code, undefined);
    exitCode = 1;
    clock.advance(20);
    await ended;
    assert.equal(code, 0);
    exitCode = 0;
    assert.equal(await thread.ended(), c.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT);
  });

  it("is not looked at any more once the service was called", async () => {
    exitCode = c.STILL_ACTIVE;
    const called = new AbortController();
    const ended = thread.ended(called.signal);
    called.abort();
    await assert.rejects(ended);
    assert.equal(clock.pending, 0);
  });
});
