import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Client } from "../../../api/client.ts";
import { findCondition } from "../../../api/conditions.ts";
import { StatusError } from "../../../api/errors.ts";
import { leases, nodes } from "../../../api/scheme.ts";
import type { NodeCondition } from "../../../api/types.generated.ts";
import { nodeIdentity } from "../../../apiserver/authentication/identity.ts";
import { NodeHeartbeat } from "../../../controllers/instance/node/node-heartbeat.ts";
import { ranBefore } from "../../../controllers/instance/node/node-lease.ts";
import { registerNode } from "../../../controllers/instance/node/node-registration.ts";
import { NodeLifecycle, watchNodes } from "../../../controllers/node-lifecycle/reconciler.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { RunningTime } from "../../../lib/running-time.ts";
import { Cluster } from "../../machinery/cluster.ts";

async function setUp(t: TestContext, wrap?: (client: Client) => Client) {
  const cluster = await Cluster.open(t, wrap);
  const { clock } = cluster;
  const [own, held] = [cluster.informer(nodes), cluster.informer(leases)];
  const client = cluster.as("node-lifecycle");
  const reconciler = new NodeLifecycle({ client, nodes: own.lister, leases: held.lister, clock });
  watchNodes(cluster.controller("node-lifecycle", reconciler), own, held);
  const agent = cluster.clientOf(nodeIdentity("pc1"));
  await registerNode(agent, "pc1", {}, clock);
  await cluster.start();
  let stopping = new AbortController();
  return {
    cluster,
    /** The agent begins to show that it lives. */
    live: async (): Promise<void> => {
      stopping = new AbortController();
      const options = {
        client: agent,
        nodeName: "pc1",
        nodeFacts: () => ({ nodeInfo: { runtime: "memory" } }),
        clock,
        runningTime: new RunningTime(clock, await ranBefore(agent, "pc1")),
        logger: silentLogger,
        random: () => 0.5,
      };
      void new NodeHeartbeat(options).start(stopping.signal);
      await cluster.pass(0);
    },
    die: () => stopping.abort(),
    async ready(name = "pc1"): Promise<NodeCondition | undefined> {
      return findCondition((await cluster.find(nodes, name))?.status?.conditions, "Ready");
    },
    lease: () => cluster.find(leases, "kube-node-lease/pc1"),
  };
}

describe("a node", () => {
  it("comes back when somebody deletes it while its agent lives", async (t) => {
    const { cluster, live, ready, lease } = await setUp(t);
    await live();
    const before = (await cluster.find(nodes, "pc1"))!.metadata.uid;
    await cluster.client.delete(nodes, "pc1");
    await cluster.pass(11_000);
    const node = await cluster.find(nodes, "pc1");
    assert.notEqual(node?.metadata.uid, before);
    assert.deepEqual(node?.status?.nodeInfo, { runtime: "memory" });
    assert.equal((await ready())?.status, "True");
    assert.ok(await lease());
  });

  it("renews its Lease every ten seconds, and is written itself every five minutes", async (t) => {
    const { cluster, live, ready, lease } = await setUp(t);
    await live();
    const { spec, metadata } = (await lease())!;
    assert.deepEqual(spec, {
      holderIdentity: "pc1",
      leaseDurationSeconds: 40,
      renewTime: "2026-05-01T10:00:00.000000Z",
    });
    const node = await cluster.find(nodes, "pc1");
    const { uid } = node!.metadata;
    assert.deepEqual(metadata.ownerReferences, [{ apiVersion: "v1", kind: "Node", name: "pc1", uid }]);
    await cluster.pass(290_000);
    assert.equal((await lease())?.spec?.renewTime, "2026-05-01T10:04:50.000000Z");
    assert.equal((await cluster.find(nodes, "pc1"))?.metadata.resourceVersion, node?.metadata.resourceVersion);
    await cluster.pass(20_000);
    assert.deepEqual(await ready(), {
      type: "Ready",
      status: "True",
      reason: "AgentReady",
      message: "the agent is reconciling",
      lastTransitionTime: "2026-05-01T10:00:00Z",
      lastHeartbeatTime: "2026-05-01T10:05:00Z",
    });
  });

  it("writes down how long its daemons have run: it stands still while none runs, and whatever the wall clock does", async (t) => {
    const { cluster, live, die, lease } = await setUp(t);
    const written = async () => (await lease())?.metadata.annotations?.["wctl.dev/running-ms"];
    await live();
    assert.equal(await written(), "0");
    await cluster.pass(24_000);
    die();
    await cluster.pass(3_600_000);
    assert.equal(await written(), "24000", "also at its end");
    await live();
    cluster.clock.jumpWall(86_400_000);
    await cluster.pass(10_000);
    assert.equal(await written(), "34000");
  });

  it("has run for no time as far as its Lease says nothing that can be true", async (t) => {
    const { cluster, live } = await setUp(t);
    await live();
    for (const text of ["-5", "1e99", "soon"]) {
      const body = { metadata: { annotations: { "wctl.dev/running-ms": text } } };
      await cluster.client.patch(leases, "kube-node-lease/pc1", { type: "merge", body });
      assert.equal(await ranBefore(cluster.client, "pc1"), 0, text);
    }
  });

  it("has its Lease also when that was made while there was no Node", async (t) => {
    const { cluster, live, lease } = await setUp(t);
    await cluster.client.delete(nodes, "pc1");
    await live();
    assert.equal((await lease())?.metadata.ownerReferences, undefined);
    const { uid } = (await cluster.find(nodes, "pc1"))!.metadata;
    await cluster.pass(11_000);
    assert.equal((await lease())?.metadata.ownerReferences?.[0]?.uid, uid);
  });

  it("of which nothing is heard for 40 s is Unknown, and says itself that it is back", async (t) => {
    const { cluster, live, die, ready } = await setUp(t);
    await live();
    await cluster.pass(60_000);
    die();
    await cluster.pass(39_000);
    assert.equal((await ready())?.status, "True");
    await cluster.pass(2_000);
    assert.deepEqual(await ready(), {
      type: "Ready",
      status: "Unknown",
      reason: "NodeStatusUnknown",
      message: "Agent stopped posting node status.",
      lastTransitionTime: "2026-05-01T10:01:40Z",
      lastHeartbeatTime: "2026-05-01T10:00:00Z",
    });
    const { resourceVersion } = (await cluster.find(nodes, "pc1"))!.metadata;
    await cluster.pass(600_000);
    assert.equal((await cluster.find(nodes, "pc1"))?.metadata.resourceVersion, resourceVersion, "it is said once");
    await live();
    assert.equal((await ready())?.status, "True");
    await cluster.pass(120_000);
    assert.equal((await ready())?.status, "True");
  });

  it("is judged by our own clock, whatever the wall clocks do", async (t) => {
    const { cluster, live, ready } = await setUp(t);
    await live();
    for (const jump of [3_600_000, -7_200_000]) {
      cluster.clock.jumpWall(jump);
      await cluster.pass(120_000);
      assert.equal((await ready())?.status, "True");
    }
  });

  it("is heard first after the machine was suspended, or the daemon halted", async (t) => {
    const { cluster, live, ready } = await setUp(t);
    await live();
    await cluster.pass(15_000);
    const before = await ready();
    for (const halted of [50_000, 3_600_000]) {
      cluster.clock.advance(halted); // Every timer is due, and nobody has done anything yet.
      await cluster.calm();
      assert.equal((await ready())?.status, "True");
      await cluster.pass(60_000);
      assert.deepEqual((await ready())?.lastTransitionTime, before?.lastTransitionTime);
    }
  });

  it("is not doubted for a time in which the store took nothing: it could not say anything either", async (t) => {
    let isFull = false;
    const { cluster, live, die, ready } = await setUp(t, (client) => {
      const { updateStatus } = client;
      const full = (): Promise<never> => Promise.reject(new StatusError("ServiceUnavailable", "full"));
      const orFull: typeof updateStatus = (...all) => (isFull ? full() : (updateStatus.apply(client, all) as never));
      return Object.assign(client, { updateStatus: orFull });
    });
    await live();
    die();
    for (const full of [20_000, 30_000, 35_000, 45_000, 600_000]) {
      isFull = true;
      await cluster.pass(full);
      isFull = false;
      await cluster.pass(full < 40_000 ? 5_000 : 11_000);
      assert.equal((await ready())?.status, "True", `full for ${full} ms`);
      await live();
      await cluster.pass(120_000);
      die();
      assert.equal((await ready())?.lastTransitionTime, "2026-05-01T10:00:00Z", `full for ${full} ms`);
    }
  });

  it("that never said anything is Unknown too, and one that is gone is forgotten", async (t) => {
    const { cluster, ready } = await setUp(t);
    await cluster.client.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name: "old" } });
    await cluster.pass(41_000);
    const { status, reason } = (await ready("old"))!;
    assert.deepEqual([status, reason], ["Unknown", "NodeStatusNeverUpdated"]);
    await cluster.client.delete(nodes, "old");
    await cluster.client.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name: "old" } });
    await cluster.pass(30_000);
    assert.equal(await ready("old"), undefined, "the next of that name has its whole grace");
  });
});
