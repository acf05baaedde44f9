import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Client } from "../../../api/client.ts";
import { type Identity, nodeIdentity } from "../../../apiserver/authentication/identity.ts";
import { noProtection } from "../../../apiserver/encryption/key-protection.ts";
import type { ConfigFile } from "../../../cmd/wctld/config/config-file.ts";
import { DataSeal } from "../../../cmd/wctld/data-dir/data-seal.ts";
import { DaemonMetrics } from "../../../cmd/wctld/metrics/daemon-metrics.ts";
import { type ControllerOptions, registerControllers } from "../../../cmd/wctld/register-controllers.ts";
import { StoreSessions } from "../../../controllers/instance/homes/store-sessions.ts";
import { registerNode } from "../../../controllers/instance/node/node-registration.ts";
import { PortFile } from "../../../controllers/instance/ports/port-file.ts";
import { ContentDigests } from "../../../controllers/process/content/digests.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { RunningTime } from "../../../lib/running-time.ts";
import { Manager } from "../../../machinery/manager.ts";
import { MemoryRuntime } from "../../../runtime/memory/memory-runtime.ts";
import { ScriptedProber } from "../../controllers/instance/agent-world.ts";
import { Cluster } from "../../machinery/cluster.ts";

const store = { revision: 0, health: { ok: true } } as const;

/** As the daemon does it; resolves when all of them work. */
async function startControllers(t: TestContext, cluster: Cluster, given: Partial<ControllerOptions> = {}) {
  const { clock, clientOf, recorder } = cluster;
  const runtime = new MemoryRuntime({ clock });
  const metrics = new DaemonMetrics({ runtime, store: store as never, clock });
  const manager = new Manager({ logger: silentLogger });
  t.after(() => manager.stop());
  registerControllers(manager, {
    clientOf,
    runtime,
    prober: new ScriptedProber(),
    config: { current: {}, on: () => {} } as unknown as ConfigFile,
    metrics,
    logger: silentLogger,
    recorder,
    clock,
    runningTime: new RunningTime(clock),
    nodeName: "here",
    nodeFacts: () => ({}),
    node: registerNode(clientOf(nodeIdentity("here")), "here", {} as never, clock),
    manifests: undefined,
    trust: {} as never,
    stopSignal: "SIGTERM",
    isStoreHealthy: () => true,
    storeSessions: new StoreSessions(undefined, 0),
    portFile: new PortFile("/nowhere/ports.jsonl"),
    gitFolder: "/nowhere",
    hooks: { answeredBy: () => {} },
    diffs: { answeredBy: () => {} },
    seal: new DataSeal(Buffer.alloc(32), noProtection),
    digests: new ContentDigests(Buffer.alloc(32)),
    ...given,
  });
  await manager.start(new AbortController().signal);
  return metrics;
}

describe("the controllers of the daemon", () => {
  it("ask the API each in its own name; none of them is an administrator", async (t) => {
    const cluster = await Cluster.open(t);
    const asked = new Map<string, Identity>();
    const clientOf = (user: Identity): Client => {
      asked.set(user.name, user);
      return cluster.clientOf(user);
    };
    await startControllers(t, cluster, { clientOf });
    assert.deepEqual(
      [...asked.keys()].toSorted(),
      [
        "system:node:here",
        ...[
          "clusterrole-aggregation",
          "event-retention",
          "garbage-collector",
          "git-source",
          "home-collector",
          "instance-garbage-collector",
          "kept-content",
          "namespace",
          "node-lifecycle",
          "process",
          "service-account",
          "shared-informers",
        ].map((name) => `system:wctl:controller:${name}`),
      ].toSorted(),
    );
    for (const user of asked.values()) assert.ok(!user.groups.includes("system:masters"), user.name);
  });

  it("look at everything again in each ten minutes, whether or not an event was lost", async (t) => {
    const cluster = await Cluster.open(t);
    const looked = new Map<string, number>();
    const metrics = await startControllers(t, cluster);
    metrics.reconciled = (controller) => void looked.set(controller, (looked.get(controller) ?? 0) + 1);
    await cluster.declare("web", { command: "runs-forever" });
    await cluster.pass(60_000);
    assert.equal((await cluster.process("default/web"))?.status?.phase, "Running");
    await cluster.pass(60_000);
    looked.clear();
    await cluster.pass(20 * 60_000);
    for (const controller of ["process", "instance", "garbage-collector"]) {
      assert.ok((looked.get(controller) ?? 0) > 0, `${controller} looked at nothing`);
    }
  });
});
