import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { instances, nodes } from "../../../api/scheme.ts";
import { AgentWorld } from "./agent-world.ts";

const nothing = { workers: 0, statuses: 0, stops: 0, probers: 0, orphans: 0, references: 0, reloads: 0 };

describe("what runs, compared with what is stored", () => {
  let world: AgentWorld;
  beforeEach(async () => {
    world = await AgentWorld.make();
  });

  /** A workload of this data directory of which the API never knew anything. */
  const appear = async (uid: string, command = "runs-forever") => {
    await world.create("model-0");
    const { spec } = await world.process("model-0");
    await world.runtime.start({ ...spec, uid, command });
    return world.machine.processes.get(uid)!;
  };

  it("ends at once what an Instance left behind that went without the agent (P2, P5)", async () => {
    await world.create("web-0");
    const process = await world.process("web-0");
    await world.vanish("web-0");
    assert.equal(process.treeAlive, false);
    assert.deepEqual([world.runtime.list(), world.agent.remembered()], [[], nothing]);
  });

  it("gives it its stop signal and a grace period, and forgets it when it has ended", async () => {
    await world.create("web-0", { command: "ignores-stop" });
    const process = await world.process("web-0");
    await world.vanish("web-0");
    await world.pass(29_000);
    assert.deepEqual([process.treeAlive, world.agent.remembered().orphans], [true, 1]);
    await world.pass(2_000);
    assert.deepEqual([process.treeAlive, world.runtime.list(), world.agent.remembered()], [false, [], nothing]);
  });

  it("finds within a minute or so what no event told, for ever", async () => {
    for (const uid of ["first", "second"]) {
      const process = await appear(uid);
      await world.pass(70_000);
      assert.equal(process.treeAlive, false);
      assert.equal(world.runtime.get(uid), undefined);
      await world.delete("model-0");
    }
  });

  it("starts no second copy beside one that a lost Instance left behind, at a start of the daemon or later (P2)", async () => {
    const alive = () => [...world.machine.processes.values()].filter((process) => process.treeAlive).length;
    await world.create("web-0", { command: "ignores-stop" });
    const first = await world.process("web-0");
    await world.vanish("web-0");
    await world.create("web-0");
    assert.deepEqual([first.treeAlive, alive()], [true, 1]);
    assert.match(
      (await world.status("web-0")).decision?.message ?? "",
      new RegExp(`waiting until pid ${first.pid} has ended`),
    );
    await world.pass(30_000);
    assert.deepEqual([first.treeAlive, alive(), (await world.status("web-0")).phase], [false, 1, "Ready"]);

    const second = await world.process("web-0");
    await world.loseAgent();
    second.onSignal = () => {};
    await world.vanish("web-0");
    await world.client.create(instances, {
      apiVersion: "wctl.dev/v1",
      kind: "Instance",
      metadata: { name: "web-0", namespace: "default" },
      spec: { command: "runs-forever", nodeName: world.node, index: 0, revision: "r1" },
    });
    await world.startAgent();
    assert.deepEqual([second.treeAlive, alive()], [true, 1]);
    await world.pass(31_000);
    assert.deepEqual([second.treeAlive, alive(), (await world.status("web-0")).phase], [false, 1, "Ready"]);
  });

  it("kills again and again what survives, and forgets it once it is gone", async () => {
    const process = await appear("stubborn");
    process.unkillable = true;
    process.onSignal = () => {};
    await world.pass(200_000);
    assert.deepEqual([process.treeAlive, world.agent.remembered().stops], [true, 1]);
    process.unkillable = false;
    await world.pass(20_000);
    assert.deepEqual([process.treeAlive, world.runtime.get("stubborn")], [false, undefined]);
  });

  it("touches nothing while the store is damaged: what it does not show must not be called missing (P12)", async () => {
    const process = await appear("stranger");
    await world.create("web-0");
    const web = await world.process("web-0");
    world.isStoreHealthy = false;
    await world.vanish("web-0");
    await world.pass(600_000);
    assert.deepEqual([process.treeAlive, web.treeAlive], [true, true]);
  });

  it("leaves alone what an Instance of another node name runs here, until the daemon stops", async () => {
    await world.client.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name: "renamed" } });
    const other = await world.client.create(instances, {
      apiVersion: "wctl.dev/v1",
      kind: "Instance",
      metadata: { name: "other-0", namespace: "default" },
      spec: { command: "runs-forever", nodeName: "renamed", index: 0, revision: "r1" },
    });
    const process = await appear(other.metadata.uid);
    await world.pass(300_000);
    assert.equal(process.treeAlive, true);
    const down = world.agent.shutdown();
    await world.settle();
    assert.deepEqual([await down, process.treeAlive], [[], false]);
    assert.notEqual(world.runtime.get(other.metadata.uid), undefined, "its records stay");
  });

  it("lets go of deleted Instances of nodes that are not there", async () => {
    const make = (name: string, nodeName: string) =>
      world.client.create(instances, {
        apiVersion: "wctl.dev/v1",
        kind: "Instance",
        metadata: { name, namespace: "default" },
        spec: { command: "runs-forever", nodeName, index: 0, revision: "r1" },
      });
    await world.client.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name: "away" } });
    await make("nowhere-0", "nowhere");
    await make("away-0", "away");
    for (const name of ["nowhere-0", "away-0"]) await world.delete(name);
    await world.pass(70_000);
    assert.deepEqual([await world.exists("nowhere-0"), await world.exists("away-0")], [false, true]);
  });

  it("remembers nothing of what is gone, however it went (P19)", async () => {
    for (let round = 0; round < 20; round++) {
      const name = `web-${round % 3}`;
      await world.create(name, { livenessProbe: { tcpSocket: { port: 1 } } });
      (await world.process(name)).end({ code: 1 });
      await world.settle();
      if (round % 2) await world.vanish(name);
      else await world.delete(name);
      await world.settle();
    }
    await world.pass(70_000);
    assert.deepEqual([world.agent.remembered(), world.runtime.list()], [nothing, []]);
  });
});
