import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { AgentWorld } from "../agent-world.ts";

/** A power cut takes the process, and the record of its run, which no fsync followed. Status is on the disk. */
describe("a run that only status knows of", () => {
  let world: AgentWorld;
  beforeEach(async () => {
    world = await AgentWorld.make();
  });
  afterEach(() => world.loseAgent());
  const powerCut = async (): Promise<void> => {
    await world.loseAgent();
    world.machine.processes.clear();
    await world.startAgent();
    await world.settle();
  };

  for (const restartPolicy of ["Never", "OnFailure"] as const) {
    it(`is not run again with restartPolicy ${restartPolicy}: it may have done its work (P6)`, async () => {
      await world.create("job-0", { command: "runs-forever", restartPolicy });
      await powerCut();
      const { phase, run, state, decision } = await world.status("job-0");
      assert.deepEqual([phase, run, state?.terminated?.reason], ["Failed", 1, "Unknown"]);
      assert.equal(decision?.rule, "UnknownExit");
      assert.equal(world.machine.processes.size, 0);
      await powerCut();
      assert.equal((await world.status("job-0")).phase, "Failed");
      assert.equal(world.machine.processes.size, 0);
    });
  }

  it("is begun again, as its next run, with restartPolicy Always", async () => {
    await world.create("web-0", { command: "runs-forever" });
    await powerCut();
    const { phase, run, lastState } = await world.status("web-0");
    assert.deepEqual([phase, run, lastState?.terminated?.reason], ["Ready", 2, "Unknown"]);
  });
});

describe("a start that fails in a way nobody thought of", () => {
  it("is shown in status, which never goes on telling of the run before", async () => {
    const world = await AgentWorld.make();
    try {
      await world.create("web-0", { command: "runs-forever" });
      world.machine.program("runs-forever", () => {
        throw new Error("EIO: i/o error");
      });
      (await world.process("web-0")).end({ code: 1 });
      await world.settle();
      const { phase, state, pid } = await world.status("web-0");
      assert.deepEqual([phase, state?.waiting?.reason, pid], ["Backoff", "SystemError", undefined]);
      assert.match(state?.waiting?.message ?? "", /EIO/);
    } finally {
      await world.loseAgent();
    }
  });
});
