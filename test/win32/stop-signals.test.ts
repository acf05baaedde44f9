import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Win32Runtime } from "../../runtime/win32/win32-runtime.ts";
import { eventually } from "../eventually.ts";
import { endAll } from "../runtime/end-all.ts";
import { Observer } from "../runtime/observer.ts";
import { launchSpec } from "../runtime/specs.ts";
import { isWindows, isWine } from "./platform.ts";
import { CONTROL_C_EXIT, fixture, makeWin32Harness, type Win32Harness } from "./win32-harness.ts";

describe("a workload on Windows is asked to stop", {
  skip: isWindows ? false : "needs Windows: make test-windows",
}, () => {
  let harness: Win32Harness;
  let runtime: Win32Runtime;
  let seen: Observer;
  before(async () => {
    harness = makeWin32Harness();
    runtime = await harness.open();
    seen = new Observer(runtime);
    await runtime.recover();
  });
  afterEach(async () => {
    await endAll(runtime);
  });
  after(async () => {
    await runtime.close();
    await harness.dispose();
  });

  const start = async (uid: string, name: string, stopSignal: "CtrlC" | "CtrlBreak" | "Event" | "WmClose") => {
    await runtime.start(launchSpec({ uid, stopSignal, ...fixture(name) }));
    await eventually(() => /ready|waiting/.test(harness.output(uid)), "the program is ready");
  };
  const exitOf = async (uid: string) => (await seen.saw("exited", uid)).exit.code;

  it("by Ctrl-C on its own console, and ends as it likes", async () => {
    await start("c", "stops-on-ctrl-c", "CtrlC");
    assert.equal(await runtime.requestStop("c", "CtrlC"), true);
    assert.equal(await exitOf("c"), 7);
  });

  it("by Ctrl-C, which reaches nobody else: not the daemon, not its neighbour", async () => {
    await start("one", "stops-on-ctrl-c", "CtrlC");
    await start("two", "stops-on-ctrl-c", "CtrlC");
    assert.equal(await runtime.requestStop("one", "CtrlC"), true);
    assert.equal(await exitOf("one"), 7);
    assert.equal(runtime.get("two")?.phase, "running");
  });

  it("by Ctrl-C, several at once through one sender, each on its own console", async () => {
    const uids = ["a", "b", "c", "d", "e"];
    for (const uid of uids) await start(uid, "stops-on-ctrl-c", "CtrlC");
    const sent = await Promise.all(uids.slice(1).map((uid) => runtime.requestStop(uid, "CtrlC")));
    assert.deepEqual(sent, [true, true, true, true]);
    assert.deepEqual(await Promise.all(uids.slice(1).map(exitOf)), [7, 7, 7, 7]);
    assert.equal(runtime.get("a")?.phase, "running");
  });

  it("by Ctrl-C when it does not listen: the system ends it", async () => {
    await runtime.start(launchSpec({ uid: "deaf", stopSignal: "CtrlC", ...fixture("runs-forever") }));
    await eventually(() => (runtime.get("deaf")?.treeAlive ? true : undefined), "it runs");
    assert.equal(await runtime.requestStop("deaf", "CtrlC"), true);
    assert.equal(await exitOf("deaf"), CONTROL_C_EXIT);
  });

  it("by Ctrl-Break to its own process group", async () => {
    await start("break", "stops-on-ctrl-c", "CtrlBreak");
    const delivered = await runtime.requestStop("break", "CtrlBreak");
    // Wine 8 has no Ctrl-Break for others (error 6): the answer must be that nothing was delivered.
    assert.equal(delivered, !isWine);
    if (delivered) assert.equal(await exitOf("break"), 8);
    else assert.equal(runtime.get("break")?.phase, "running");
  });

  it("by its named event", async () => {
    await start("event", "waits-for-event", "Event");
    assert.equal(await runtime.requestStop("event", "Event"), true);
    assert.equal(await exitOf("event"), 5);
  });

  it("by its named event after the daemon was replaced", async () => {
    await start("event", "waits-for-event", "Event");
    await runtime.close();
    runtime = await harness.open();
    seen = new Observer(runtime);
    assert.deepEqual(
      (await runtime.recover()).map(({ uid, adopted }) => [uid, adopted]),
      [["event", true]],
    );
    assert.equal(await runtime.requestStop("event", "Event"), true);
    assert.equal(await exitOf("event"), 5);
  });

  it("by WM_CLOSE, which a program without windows can't be sent", async () => {
    await start("windows", "stops-on-ctrl-c", "WmClose");
    assert.equal(await runtime.requestStop("windows", "WmClose"), false);
  });

  it("by an event it was not started with, or a signal that Windows does not have: nothing is delivered", async () => {
    await start("none", "stops-on-ctrl-c", "CtrlC");
    for (const how of ["Event", "None", "SIGUSR1", "SIGKILL"] as const) {
      assert.equal(await runtime.requestStop("none", how), false, how);
    }
    assert.equal(runtime.get("none")?.phase, "running");
  });
});
