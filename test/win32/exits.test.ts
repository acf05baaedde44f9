import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silentLogger } from "../../lib/logger.ts";
import { loadWinapi, type Winapi } from "../../runtime/win32/ffi/winapi.ts";
import { Win32Runtime } from "../../runtime/win32/win32-runtime.ts";
import { FakeClock } from "../lib/fake-clock.ts";
import { Observer } from "../runtime/observer.ts";
import { sharedRuntime } from "../runtime/shared-runtime.ts";
import { launchSpec } from "../runtime/specs.ts";
import { isWindows } from "./platform.ts";
import { fixture, makeWin32Harness } from "./win32-harness.ts";

const skip = isWindows ? false : "needs Windows: make test-windows";
const cmd = (script: string) => ({ command: "cmd", args: ["/d", "/c", script] });

describe("an exit on Windows", { skip }, () => {
  let runtime: Win32Runtime;
  let seen: Observer;
  sharedRuntime(makeWin32Harness, (shared) => {
    ({ runtime, seen } = shared);
  });

  it("is told once for each of 24 programs that end together, with its own code", async () => {
    const uids = Array.from({ length: 24 }, (_, index) => `many-${index}`);
    for (const [index, uid] of uids.entries()) {
      await runtime.start(launchSpec({ uid, ...cmd(`exit ${index}`) }));
    }
    for (const [index, uid] of uids.entries()) {
      await seen.saw("tree-ended", uid);
      const events = seen.of(uid);
      assert.deepEqual(
        events.map(({ type }) => type),
        ["exited", "tree-ended"],
      );
      assert.equal(events[0]?.type === "exited" && events[0].exit.code, index);
    }
  });

  for (const code of [0, 1, 255, 0x7fffffff, 0xc0000005, 0xc000013a, 0xffffffff]) {
    it(`has the code 0x${code.toString(16)} as it was`, async () => {
      await runtime.start(launchSpec({ uid: "code", ...cmd(`exit ${code | 0}`) }));
      assert.equal((await seen.saw("exited", "code")).exit.code, code);
      await seen.saw("tree-ended", "code");
      seen.events.length = 0;
    });
  }
});

describe("a lost message of a job", { skip }, () => {
  it("is made up for by the sweep", async () => {
    const harness = makeWin32Harness();
    const clock = new FakeClock();
    // No job is ever told where its messages go: every one of them is lost.
    const deaf = { ...loadWinapi() };
    const api: Winapi = new Proxy(deaf, {
      get: (target, name: keyof Winapi) =>
        name === "SetInformationJobObject"
          ? (job: number, infoClass: number, info: Buffer, length: number) =>
              infoClass === 7 ? 1 : target.SetInformationJobObject(job, infoClass, info, length)
          : target[name],
    });
    const runtime = await Win32Runtime.open({ dataDir: harness.dataDir, clock, logger: silentLogger, api });
    const seen = new Observer(runtime);
    await runtime.recover();
    const { pid } = await runtime.start(launchSpec({ uid: "a", ...fixture("runs-forever") }));
    await new Promise((resolve) => setImmediate(resolve));
    process.kill(pid, "SIGKILL");
    const held = loadWinapi().OpenProcess(0x100000, 0, pid);
    if (held !== 0) loadWinapi().WaitForSingleObject(held, 10_000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(seen.of("a"), [], "nobody told");
    clock.advance(15_000);
    assert.equal((await seen.saw("exited", "a")).type, "exited");
    for (let turn = 0; turn < 20 && runtime.get("a")?.treeAlive; turn++) clock.advance(15_000);
    await seen.saw("tree-ended", "a");
    await runtime.close();
    await harness.dispose();
  });
});
