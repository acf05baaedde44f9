import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Stored } from "../../../../../api/object.ts";
import { processes } from "../../../../../api/scheme.ts";
import type { Process } from "../../../../../api/types.generated.ts";
import { processManifest, TestServer } from "../../../../apiserver/test-server.ts";
import { eventually } from "../../../../eventually.ts";
import { Desk } from "../../desk.ts";

const COUNT = 60;

describe("stopping everything", () => {
  let desk: Desk;
  const all = async (): Promise<Stored<Process>[]> => (await desk.client.list(processes, {})).items;
  const stopped = async (process: Stored<Process>): Promise<void> => {
    const { resourceVersion: _, ...metadata } = process.metadata;
    const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 0, availableReplicas: 0 };
    const status = { observedGeneration: metadata.generation, phase: "Stopped", ...counts };
    await desk.client.updateStatus(processes, { ...process, metadata, status } as Stored<Process>);
  };

  before(async () => {
    // So many as the server lets a user have in flight are fewer than there are processes.
    desk = await Desk.over(await TestServer.start({ limits: { requestsPerUser: 50, streamsPerUser: 2 } }));
    const names = Array.from({ length: COUNT }, (_, index) => `p${index}`);
    for (const name of names)
      await desk.client.create(processes, processManifest(name, {}, { namespace: "default" }) as Process);
  });
  after(() => desk.close());

  it("asks for no more at once than the server allows, and waits for all on one watch", async () => {
    const told = desk.wctl("stop --all");
    await eventually(async () => (await all()).every(({ spec }) => spec.suspend), "all are asked to stop");
    for (const process of await all()) await stopped(process);
    const { code, out, err } = await told;
    assert.deepEqual([code, err], [0, ""]);
    assert.equal(out.match(/^process\.wctl\.dev\/p\d+ stopped$/gm)?.length, COUNT);
  });

  it("tells of those that are stopped, though one was deleted meanwhile", async () => {
    await desk.wctl("start p0 p1 --wait=false");
    const told = desk.wctl("stop p0 p1");
    const [first, second] = await eventually(async () => {
      const both = (await all()).filter(({ metadata: { name } }) => name === "p0" || name === "p1");
      return both.every(({ spec }) => spec.suspend) && both;
    }, "both are asked to stop");
    await desk.client.delete(processes, "default/p1");
    await stopped([first!, second!].find(({ metadata }) => metadata.name === "p0")!);
    const { code, out, err } = await told;
    assert.deepEqual([code, out], [1, "process.wctl.dev/p0 stopped\n"]);
    assert.match(err, /process "p1" has been deleted/);
  });
});
