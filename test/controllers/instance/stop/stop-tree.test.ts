import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { type StopState, stagesOf } from "../../../../controllers/instance/stop/stop-request.ts";
import { Stopper } from "../../../../controllers/instance/stop/stopper.ts";
import { silentLogger } from "../../../../lib/logger.ts";
import type { MemoryProcess } from "../../../../runtime/memory/memory-machine.ts";
import { MemoryRuntime } from "../../../../runtime/memory/memory-runtime.ts";
import { FakeClock, settle } from "../../../lib/fake-clock.ts";
import { launchSpec } from "../../../runtime/specs.ts";

const GRACE_MS = 30_000;

describe("a stop is a stop of the whole tree", () => {
  let clock: FakeClock;
  let runtime: MemoryRuntime;
  let stopper: Stopper;
  let tree: MemoryProcess;
  const state = (): StopState | undefined => stopper.get("a");
  const begin = async (): Promise<void> => {
    stopper.begin({ uid: "a", run: 1, stages: stagesOf({ signal: "SIGTERM" }), graceMs: GRACE_MS });
    await settle();
  };
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settle();
  };
  beforeEach(async () => {
    clock = new FakeClock();
    runtime = new MemoryRuntime({ clock });
    stopper = new Stopper({ runtime, clock, logger: silentLogger, onChange: () => {} });
    runtime.subscribe((event) => stopper.observe(event));
    await runtime.start(launchSpec({ uid: "a", command: "spawns-grandchild" }));
    tree = runtime.machine.processes.get("a")!;
    tree.deafGrandchildren = true; // They see the signal and take their time.
  });

  it("what a wrapper started has the rest of the grace period when the wrapper has ended", async () => {
    await begin();
    assert.ok(tree.exit, "the wrapper has ended at once");
    await pass(GRACE_MS - 1);
    assert.equal(tree.grandchildren, 1);
    assert.equal(state()?.phase, "stopping");
    tree.endGrandchildren();
    await settle();
    assert.equal(state()?.phase, "stopped");
    assert.match(JSON.stringify(state()), /it ended on its stop signal after 30\.0s\."/);
  });

  it("and no more than that", async () => {
    await begin();
    await pass(GRACE_MS);
    assert.equal(tree.treeAlive, false);
    assert.match(
      JSON.stringify(state()),
      /on its stop signal .* What it had started did not end in that time and was killed\./,
    );
  });

  it("also when the main process had ended before", async () => {
    tree.end({ code: 1 });
    await begin();
    assert.equal(tree.grandchildren, 1);
    tree.endGrandchildren();
    await settle();
    assert.equal(state()?.phase, "stopped");
  });

  it("and a signal that is refused does not keep the kill from it", async () => {
    runtime.requestStop = () => Promise.reject(new Error("EPERM"));
    await begin();
    assert.equal(tree.treeAlive, false);
    assert.match(JSON.stringify(state()), /SIGTERM failed: EPERM\./);
  });
});
