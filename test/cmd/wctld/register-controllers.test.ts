import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ConfigFile } from "../../../cmd/wctld/config/config-file.ts";
import { DaemonMetrics } from "../../../cmd/wctld/metrics/daemon-metrics.ts";
import { registerTenants } from "../../../cmd/wctld/register-controllers.ts";
import { registerNode } from "../../../controllers/instance/node/node-registration.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { Manager } from "../../../machinery/manager.ts";
import { MemoryRuntime } from "../../../runtime/memory/memory-runtime.ts";
import { ScriptedProber } from "../../controllers/instance/agent-world.ts";
import { Cluster } from "../../machinery/cluster.ts";

describe("the tenants of the daemon", () => {
  it("look at everything again in each ten minutes, whether or not an event was lost", async (t) => {
    const cluster = await Cluster.open(t);
    const { clock, client, agentClient, recorder } = cluster;
    const runtime = new MemoryRuntime({ clock });
    const store = { revision: 0, health: { ok: true } } as const;
    const metrics = new DaemonMetrics({ runtime, store: store as never });
    const looked = new Map<string, number>();
    metrics.reconciled = (controller) => void looked.set(controller, (looked.get(controller) ?? 0) + 1);
    const manager = new Manager({ logger: silentLogger });
    t.after(() => manager.stop());
    registerTenants(manager, {
      client,
      agentClient,
      runtime,
      prober: new ScriptedProber(),
      config: { current: {}, on: () => {} } as unknown as ConfigFile,
      metrics,
      logger: silentLogger,
      recorder,
      clock,
      nodeName: "here",
      node: registerNode(client, "here", {} as never, clock),
      manifests: undefined,
      trust: {} as never,
      stopSignal: "SIGTERM",
      isStoreHealthy: () => true,
    });
    await manager.start(new AbortController().signal);
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
