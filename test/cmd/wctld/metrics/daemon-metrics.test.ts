import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DaemonMetrics } from "../../../../cmd/wctld/metrics/daemon-metrics.ts";
import type { Runtime } from "../../../../runtime/runtime.ts";
import type { JournaledStore } from "../../../../store/journaled-store.ts";

const sampleOf = (text: string, name: string): number => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);

describe("DaemonMetrics", () => {
  it("counts CPU time from the start of the process, however late the first scrape", async () => {
    const runtime = { list: () => [] } as unknown as Runtime;
    const statistics = { commits: 1, pending: 0, watchers: 0, historyBytes: 4711 };
    const store: Pick<JournaledStore, "revision" | "health" | "statistics"> = {
      revision: 7,
      health: { ok: true },
      statistics,
    };
    const { user, system } = process.cpuUsage();
    const source = await new DaemonMetrics({ runtime, store }).source();
    const text = await source.metrics();
    assert.ok(sampleOf(text, "process_cpu_user_seconds_total") >= user / 1e6);
    assert.ok(sampleOf(text, "process_cpu_seconds_total") >= (user + system) / 1e6);
    assert.equal(sampleOf(text, "wctl_store_revision"), 7);
    assert.equal(sampleOf(text, "wctl_store_history_bytes"), 4711);
  });
});
