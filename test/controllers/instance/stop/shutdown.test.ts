import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { AgentWorld } from "../agent-world.ts";

describe("shutdown of the agent", () => {
  let world: AgentWorld;
  beforeEach(async () => {
    world = await AgentWorld.make();
  });

  /** Begins it; `ended` is what came out, once it did. */
  const shutDown = (withinMs?: number): { ended: string[] | undefined } => {
    const result: { ended: string[] | undefined } = { ended: undefined };
    // Its rejection would be unhandled, and so fail the test.
    void world.agent.shutdown(withinMs).then((left) => {
      result.ended = left;
    });
    return result;
  };

  const unkillable = async (name: string, spec: object = {}): Promise<void> => {
    world.machine.program("unkillable", (process) => {
      process.unkillable = true;
      process.onSignal = () => {};
    });
    await world.create(name, { command: "unkillable", stop: { gracePeriodSeconds: 2 }, ...spec });
  };

  it("does not wait for what survives its kill, and says what is left (P24)", async () => {
    await unkillable("stuck-0");
    await world.create("web-0");
    const { pid } = await world.process("stuck-0");
    const result = shutDown();
    await world.pass(6_000);
    const early = result.ended;
    await world.pass(2_000);
    assert.deepEqual([early, result.ended?.length], [undefined, 1]);
    assert.match(
      result.ended?.[0] ?? "",
      new RegExp(`^default/stuck-0 \\(pid ${pid}\\): .* still lives 5 s after SIGKILL`),
    );
  });

  it("does not let what survives hold up what it depends on", async () => {
    await world.create("db-0", { stop: { gracePeriodSeconds: 2 } }, "db");
    await unkillable("app-0", { dependsOn: [{ name: "db", condition: "Ready" }] });
    const db = await world.process("db-0");
    const result = shutDown();
    await world.pass(10_000);
    assert.deepEqual([result.ended?.length, db.treeAlive], [1, false]);
  });

  it("kills what is left shortly before its time is over, whatever its grace period", async () => {
    await world.create("web-0", { command: "ignores-stop", stop: { gracePeriodSeconds: 3600 } });
    const process = await world.process("web-0");
    const result = shutDown(60_000);
    await world.pass(51_000);
    assert.equal(process.treeAlive, true);
    await world.pass(1_500);
    assert.deepEqual([process.treeAlive, result.ended], [false, []]);
  });

  it("of 3 seconds ends within 3 seconds, and has killed by then", async () => {
    await world.create("db-0", { command: "ignores-stop" }, "db");
    await world.create("app-0", { command: "ignores-stop", dependsOn: [{ name: "db", condition: "Ready" }] }, "app");
    const [db, app] = [await world.process("db-0"), await world.process("app-0")];
    const result = shutDown(3_000);
    await world.pass(3_000);
    assert.deepEqual([db.treeAlive, app.treeAlive, result.ended], [false, false, []]);
  });

  it("gives everybody the grace period that was declared when nobody says how long it may take", async () => {
    await world.create("web-0", { command: "ignores-stop", stop: { gracePeriodSeconds: 600 } });
    const process = await world.process("web-0");
    const result = shutDown();
    await world.pass(599_000);
    assert.equal(process.treeAlive, true);
    await world.pass(1_500);
    assert.deepEqual([process.treeAlive, result.ended], [false, []]);
  });

  it("ends in its time also when a start never comes back", async () => {
    world.runtime.start = () => new Promise(() => {});
    await world.create("web-0");
    const result = shutDown(20_000);
    await world.pass(23_000);
    assert.deepEqual(result.ended, []);
  });

  it("starts nothing new when the service is continued meanwhile (P9)", async () => {
    await unkillable("stuck-0");
    await world.create("web-0");
    const result = shutDown();
    await world.settle();
    world.agent.resume();
    world.agent.pause();
    world.agent.resume();
    await world.pass(10_000);
    assert.equal(result.ended?.length, 1);
    assert.equal((await world.process("web-0")).spec.run, 1);
    assert.equal((await world.process("web-0")).treeAlive, false);
  });
});
