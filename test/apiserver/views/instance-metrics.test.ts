import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ListOptions } from "../../../api/client.ts";
import type { Stored } from "../../../api/object.ts";
import type { Registry } from "../../../apiserver/registry/registry.ts";
import { instanceMetrics } from "../../../apiserver/views/instance-metrics.ts";

const usage = { cpuSeconds: 2, cpu: 0.25, memoryBytes: 1024, handles: 3, processes: 1 };

describe("metrics of instances", () => {
  const asked: ListOptions[] = [];
  const registry = {
    list: (_: unknown, options: ListOptions) => {
      asked.push(options);
      const items = [{ metadata: { name: "web-0", namespace: "a" } }] as Stored[];
      return { items, metadata: { resourceVersion: "1" } };
    },
  } as unknown as Registry;
  const source = {
    of: async (items: readonly Stored[]) =>
      items.map(({ metadata }) => ({
        metadata: { name: metadata.name, namespace: metadata.namespace ?? "" },
        timestamp: "2030-01-01T00:00:00Z",
        window: "1s",
        usage,
      })),
  };
  const get = (path: string, query = "") =>
    instanceMetrics(path.split("/").slice(1), new URLSearchParams(query), { registry, usage: source });

  it("lists everywhere, in a namespace, by label, and gets one", async () => {
    const everywhere = await get("/apis/metrics.wctl.dev/v1/instances", "labelSelector=app%3Dx");
    assert.deepEqual(asked.pop(), { labelSelector: "app=x" });
    assert.equal((everywhere as { items: unknown[] }).items.length, 1);
    const one = await get("/apis/metrics.wctl.dev/v1/namespaces/a/instances/web-0");
    assert.deepEqual(asked.pop(), { namespace: "a", fieldSelector: "metadata.name=web-0" });
    assert.deepEqual((one as { usage: unknown }).usage, usage);
  });

  it("leaves every other path alone", async () => {
    for (const path of [
      "/apis/metrics.wctl.dev/v1",
      "/apis/metrics.wctl.dev/v1/pods",
      "/apis/metrics.wctl.dev/v1/instances/web-0",
      "/apis/wctl.dev/v1/instances",
    ]) {
      assert.equal(await get(path), undefined, path);
    }
  });
});
