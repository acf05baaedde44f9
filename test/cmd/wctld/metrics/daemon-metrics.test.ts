import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { Instance } from "../../../../api/types.generated.ts";
import { DaemonMetrics } from "../../../../cmd/wctld/metrics/daemon-metrics.ts";
import { WorkQueue } from "../../../../machinery/work-queue.ts";
import type { Runtime } from "../../../../runtime/runtime.ts";
import type { JournaledStore } from "../../../../store/journaled-store.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

const sampleOf = (text: string, name: string): number =>
  Number(
    text
      .split(/\n/)
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1),
  );

describe("DaemonMetrics", () => {
  it("tells of each controller as it is at the scrape, though no reconcile ended since", async () => {
    const runtime = { list: () => [], usage: async () => new Map() } as unknown as Runtime;
    const store = { revision: 0, health: { ok: true }, statistics: { historyBytes: 0 } } as never;
    const clock = new FakeClock();
    const metrics = new DaemonMetrics({ runtime, store, clock });
    const queue = new WorkQueue({ clock });
    metrics.register("process", () => ({ ...queue.statistics(), concurrency: 16 }));
    queue.add("default/web");
    queue.add("default/db");
    await queue.next(new AbortController().signal);
    clock.advance(61_000);
    const text = await (await metrics.source()).metrics();
    const of = (name: string): number => sampleOf(text, `${name}{controller="process"}`);
    assert.equal(of("wctl_queue_depth"), 1);
    assert.equal(of("wctl_queue_adds_total"), 2);
    assert.equal(of("wctl_active_workers"), 1);
    assert.equal(of("wctl_longest_running_reconcile_seconds"), 61);
  });

  it("gives others their turn between the families of a thousand Instances", async () => {
    const runtime = { list: () => [], usage: async () => new Map() } as unknown as Runtime;
    const store = { revision: 0, health: { ok: true }, statistics: { historyBytes: 0 } } as never;
    const metrics = new DaemonMetrics({ runtime, store, clock: new FakeClock() });
    const instances = Array.from({ length: 1_000 }, (_, index) => ({
      metadata: { name: `web-${index}`, namespace: "default", uid: `uid-${index}` },
      spec: { processName: "web" },
      status: { ready: true, state: { running: { startedAt: "2026-01-01T00:00:00Z" } } },
    })) as unknown as Stored<Instance>[];
    metrics.observeAgent({ instances: () => instances, knows: () => true, remembered: () => ({}) });
    const source = await metrics.source();
    let turns = 0;
    let isOver = false;
    const take = (): void => {
      turns++;
      if (!isOver) setImmediate(take);
    };
    setImmediate(take);
    const text = await source.metrics();
    isOver = true;
    assert.equal(text.match(/^wctl_instance_up\{.*\} 1$/gm)?.length, 1_000);
    assert.ok(turns >= 6, `${turns} turns`);
  });

  it("counts CPU time from the start of the process, however late the first scrape", async () => {
    const runtime = { list: () => [], usage: async () => new Map() } as unknown as Runtime;
    const statistics = { commits: 1, pending: 0, watchers: 0, historyBytes: 4711 };
    const store: Pick<JournaledStore, "revision" | "health" | "statistics"> = {
      revision: 7,
      health: { ok: true },
      statistics,
    };
    const { user, system } = process.cpuUsage();
    const source = await new DaemonMetrics({ runtime, store, clock: new FakeClock() }).source();
    const text = await source.metrics();
    assert.ok(sampleOf(text, "process_cpu_user_seconds_total") >= user / 1e6);
    assert.ok(sampleOf(text, "process_cpu_seconds_total") >= (user + system) / 1e6);
    assert.equal(sampleOf(text, "wctl_store_revision"), 7);
    assert.equal(sampleOf(text, "wctl_store_history_bytes"), 4711);
  });
});
