/** docs/monitoring.md lists every metric, and no other. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { RequestMetrics } from "../../../../apiserver/request-metrics.ts";
import { DaemonMetrics } from "../../../../cmd/wctld/metrics/daemon-metrics.ts";
import type { Runtime } from "../../../../runtime/runtime.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/monitoring.md"), "utf8");

/** What `/metrics` tells of, as a daemon without any Object does. */
async function served(): Promise<Map<string, string>> {
  const runtime = { list: () => [], usage: async () => new Map() } as unknown as Runtime;
  const store = { revision: 0, health: { ok: true }, statistics: { historyBytes: 0 } } as never;
  const { metrics } = await new DaemonMetrics({ runtime, store, clock: new FakeClock() }).source();
  const text = `${await metrics()}\n${new RequestMetrics().text()}`;
  return new Map(Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name, type]) => [name!, type!]));
}

describe("docs/monitoring.md", () => {
  it("lists every metric of ours with its type, and none that is not there", async () => {
    const rows = new Map(
      Array.from(page.matchAll(/^\| `(wctl_\w+)` \| (\w+) \|/gm), ([, name, type]) => [name!, type!]),
    );
    const ours = [...(await served())].filter(([name]) => name.startsWith("wctl_"));
    assert.deepEqual([...rows].toSorted(), ours.toSorted());
  });

  it("names every metric of Node and its process", async () => {
    const missing = [...(await served()).keys()].filter((name) => !page.includes(`\`${name}\``));
    assert.deepEqual(missing, []);
  });

  it("uses in its alerts only what is there", async () => {
    const known = await served();
    const [, rules = ""] = page.split("## Alerts to begin with");
    const used = Array.from(rules.matchAll(/\bwctl_\w+/g), ([name]) => name.replace(/_(sum|count|bucket)$/, ""));
    assert.ok(used.length > 5);
    assert.deepEqual(
      used.filter((name) => !known.has(name)),
      [],
    );
  });
});
