import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { InstanceMetricsView } from "../../../../../apiserver/views/instance-metrics.ts";
import { systemClock } from "../../../../../lib/clock.ts";
import { TestServer } from "../../../../apiserver/test-server.ts";
import { Desk } from "../../desk.ts";

const usage = { cpu: 0.5, cpuSeconds: 3, memoryBytes: 1024, processes: 1, handles: 7 };

describe("the status of a process with many copies", () => {
  let desk: Desk;
  let measured: number[] = [];
  before(async () => {
    const source = {
      of: async (instances: readonly { metadata: { name: string; namespace?: string } }[]) => {
        measured.push(instances.length);
        return instances.map(({ metadata: { name, namespace = "" } }) => {
          return { metadata: { name, namespace }, timestamp: "2026-01-01T00:00:00Z", window: "1s", usage };
        });
      },
    };
    const views = (registry: ConstructorParameters<typeof InstanceMetricsView>[0]) => [
      new InstanceMetricsView(registry, source, systemClock),
    ];
    desk = await Desk.over(await TestServer.start({ views }));
    const web = await desk.process("web", { replicas: 40 });
    for (let index = 0; index < 40; index++) await desk.instance(web, index, { phase: "Running", pid: 100 + index });
  });
  after(() => desk.close());

  it("measures them once, and shows them in the order of their numbers", async () => {
    measured = [];
    const { code, out } = await desk.wctl("status process/web");
    assert.equal(code, 0);
    assert.deepEqual(measured, [40]);
    const shown = [...out.matchAll(/^instance\/web-(\d+): /gm)].map(([, index]) => Number(index));
    assert.deepEqual(shown, [...Array(40).keys()]);
    assert.equal(out.match(/Uses: +500m of a processor/g)?.length, 40);
  });

  it("measures one alone when one is asked for", async () => {
    measured = [];
    const { out } = await desk.wctl("status instance/web-7");
    assert.deepEqual(measured, [1]);
    assert.match(out, /^instance\/web-7: Running\n/);
  });
});
