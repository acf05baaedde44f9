import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { makeKey } from "../../../api/object.ts";
import { instances } from "../../../api/scheme.ts";
import { controllerIdentity, nodeIdentity } from "../../../apiserver/authentication/identity.ts";
import { AgentWorld } from "./agent-world.ts";

describe("spec.suspend of an Instance", () => {
  let world: AgentWorld;
  beforeEach(async () => {
    world = await AgentWorld.make();
  });

  /** As the Process controller does it. */
  const suspend = async (name: string, value: boolean): Promise<void> => {
    const client = world.clientOf(controllerIdentity("process"));
    await client.patch(instances, makeKey("default", name), {
      type: "merge",
      body: { spec: { suspend: value || null } },
    });
    await world.settle();
  };
  const phaseAndRun = async (name: string): Promise<unknown[]> => {
    const { phase, run, pid } = await world.status(name);
    return [phase, run, pid !== undefined];
  };

  it("stops the program and starts the next run when it is lifted; the Instance stays", async () => {
    await world.create("web-0");
    const { uid } = (await world.get("web-0")).metadata;
    await suspend("web-0", true);
    assert.deepEqual(await phaseAndRun("web-0"), ["Stopped", 1, false]);
    assert.deepEqual(await world.reasons("web-0"), ["Started", "Stopping", "Exited", "Stopped"]);
    await world.pass(3_600_000);
    assert.deepEqual(await phaseAndRun("web-0"), ["Stopped", 1, false]);
    await suspend("web-0", false);
    assert.deepEqual(await phaseAndRun("web-0"), ["Ready", 2, true]);
    assert.equal((await world.get("web-0")).metadata.uid, uid);
  });

  for (const restartPolicy of ["Always", "OnFailure", "Never"] as const) {
    it(`is no verdict on the program: restartPolicy ${restartPolicy} runs again, also after a restart of the daemon`, async () => {
      await world.create("web-0", { restartPolicy });
      await suspend("web-0", true);
      await world.loseAgent();
      await world.startAgent();
      assert.deepEqual(await phaseAndRun("web-0"), ["Stopped", 1, false]);
      await suspend("web-0", false);
      assert.deepEqual(await phaseAndRun("web-0"), ["Ready", 2, true]);
    });
  }

  it("never starts what was made as stopped, before or after a restart of the daemon", async () => {
    await world.create("web-0", { suspend: true });
    assert.deepEqual(await phaseAndRun("web-0"), ["Stopped", 0, false]);
    await world.loseAgent();
    await world.startAgent();
    assert.deepEqual(await phaseAndRun("web-0"), ["Stopped", 0, false]);
    await suspend("web-0", false);
    assert.deepEqual(await phaseAndRun("web-0"), ["Ready", 1, true]);
  });

  it("ends a wait between crashes, and lifting it starts at once", async () => {
    await world.create("web-0");
    for (let n = 0; n < 2; n++) {
      (await world.process("web-0")).end({ code: 1 });
      await world.settle();
    }
    assert.equal((await world.status("web-0")).phase, "Backoff");
    await suspend("web-0", true);
    assert.equal((await world.status("web-0")).phase, "Stopped");
    await suspend("web-0", false);
    const { phase, backoff } = await world.status("web-0");
    assert.deepEqual([phase, backoff?.failures], ["Ready", 0]);
  });

  it("stops what depends on it first, and counts anew at the next stop", async () => {
    const order: string[] = [];
    for (const name of ["db", "app"]) {
      world.machine.program(name, (process) => {
        process.onSignal = () => {
          order.push(name);
          process.end({ code: 0 });
        };
      });
    }
    await world.create("db-0", { command: "db" }, "db");
    await world.create("app-0", { command: "app", dependsOn: [{ name: "db", condition: "Ready" }] }, "app");
    for (let n = 0; n < 2; n++) {
      await suspend("db-0", true);
      await suspend("app-0", true);
      await world.pass(1_000);
      await suspend("db-0", false);
      await suspend("app-0", false);
    }
    assert.deepEqual(order, ["app", "db", "app", "db"]);
  });

  it("does not run again what has completed", async () => {
    await world.create("job-0", { restartPolicy: "Never" });
    (await world.process("job-0")).end({ code: 0 });
    await world.settle();
    for (const value of [true, false]) {
      await suspend("job-0", value);
      assert.deepEqual(await phaseAndRun("job-0"), ["Succeeded", 1, false]);
    }
  });

  it("knows the stop that an earlier daemon had begun as its own", async () => {
    await world.create("web-0", { restartPolicy: "Never", command: "ignores-stop" });
    const program = await world.process("web-0");
    await suspend("web-0", true);
    assert.equal((await world.status("web-0")).phase, "Stopping");
    await world.loseAgent();
    program.end({ signal: "SIGKILL" });
    await world.startAgent();
    assert.equal((await world.status("web-0")).phase, "Stopped");
    await suspend("web-0", false);
    assert.deepEqual(await phaseAndRun("web-0"), ["Ready", 2, true]);
  });

  it("is not the agent's to change, and nothing else of the spec changes with it", async () => {
    await world.create("web-0");
    const key = makeKey("default", "web-0");
    const body = { spec: { suspend: true } };
    await assert.rejects(world.clientOf(nodeIdentity(world.node)).patch(instances, key, { type: "merge", body }), {
      reason: "Forbidden",
    });
    const both = { spec: { suspend: true, command: "other" } };
    await assert.rejects(world.client.patch(instances, key, { type: "merge", body: both }), { reason: "Invalid" });
  });
});
