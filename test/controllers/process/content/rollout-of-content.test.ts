import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { findCondition } from "../../../../api/conditions.ts";
import { configMaps, controllerRevisions, events, instances, processes, secrets } from "../../../../api/scheme.ts";
import type { ProcessSpec } from "../../../../api/types.generated.ts";
import { Cluster, FakeAgent } from "../../../machinery/cluster.ts";
import { processController } from "../controller.ts";

const refers: Partial<ProcessSpec> = {
  env: [{ name: "LEVEL", valueFrom: { configMapKeyRef: { name: "conf", key: "LEVEL" } } }],
  envFrom: [{ secretRef: { name: "keys", optional: true } }],
};

async function setUp(t: TestContext) {
  const cluster = await Cluster.open(t);
  const { client } = cluster;
  const metadata = { name: "conf", namespace: "default" };
  await client.create(configMaps, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata,
    data: { LEVEL: "info", OTHER: "1" },
  });
  const { informers } = processController(cluster);
  const agent = new FakeAgent(cluster, informers.instances);
  await cluster.start();
  const edit = (data: Record<string, string | null>) =>
    client.patch(configMaps, "default/conf", { type: "merge", body: { data } });
  const uids = async () => (await cluster.all(instances)).map(({ metadata }) => metadata.uid);
  const web = async () => (await cluster.process("default/web"))!;
  return { cluster, client, agent, edit, uids, web };
}

describe("a change of content", () => {
  it("replaces the copies as a new template does, once it has settled, and says which key it was", async (t) => {
    const { cluster, edit, uids, web } = await setUp(t);
    await cluster.declare("web", { ...refers, replicas: 2 });
    await cluster.calm();
    const [before, revision] = [await uids(), (await web()).status!.currentRevision];
    await edit({ LEVEL: "debug" });
    await cluster.pass(1_900);
    assert.deepEqual(await uids(), before);
    await cluster.pass(300);
    assert.equal((await uids()).filter((uid) => before.includes(uid)).length, 0);
    const { status } = await web();
    assert.notEqual(status!.currentRevision, revision);
    assert.equal(findCondition(status!.conditions, "Progressing")?.reason, "RolloutComplete");
    const deleted = (await cluster.all(events)).find(({ reason }) => reason === "InstancesDeleted");
    assert.match(deleted!.message!, /\(key "LEVEL" of configmap "conf" changed\)/);
    const told = (await cluster.all(events)).find(({ reason }) => reason === "ContentChanged");
    assert.equal(told?.message, 'key "LEVEL" of configmap "conf" changed; the copies are replaced');
  });

  it("of a key that the template does not name replaces nothing, and neither do labels", async (t) => {
    const { cluster, client, edit, uids, web } = await setUp(t);
    await cluster.declare("web", refers);
    await cluster.calm();
    const [before, { metadata }] = [await uids(), await web()];
    await edit({ OTHER: "2" });
    await client.patch(configMaps, "default/conf", { type: "merge", body: { metadata: { labels: { a: "b" } } } });
    await cluster.pass(60_000);
    assert.deepEqual(await uids(), before);
    assert.equal((await web()).metadata.resourceVersion, metadata.resourceVersion, "nothing is written for it");
  });

  it("is gated on readiness: copies that do not become ready keep the others as they are", async (t) => {
    const { cluster, agent, edit, uids, web } = await setUp(t);
    await cluster.declare("web", { ...refers, replicas: 3, progressDeadlineSeconds: 30 });
    await cluster.calm();
    const before = await uids();
    agent.becomes = () => ({ phase: "Running", ready: false, started: true });
    await edit({ LEVEL: "nonsense" });
    await cluster.pass(3_000);
    await cluster.pass(60_000);
    assert.equal((await uids()).filter((uid) => before.includes(uid)).length, 2);
    const condition = findCondition((await web()).status!.conditions, "Progressing");
    assert.equal(condition?.reason, "ProgressDeadlineExceeded");
    assert.match(
      condition.message!,
      /It began when key "LEVEL" of configmap "conf" changed: correct it, or put back what was there before \("wctl rollout undo process\/web"\)$/,
    );
    agent.becomes = () => ({ phase: "Ready", ready: true, started: true });
    await edit({ LEVEL: "info" });
    await cluster.pass(3_000);
    assert.equal(
      (await uids()).filter((uid) => before.includes(uid)).length,
      2,
      "they have had that content all the time",
    );
    assert.equal(findCondition((await web()).status!.conditions, "Progressing")?.reason, "RolloutComplete");
  });

  it("edited a thousand times in a minute is one rollout at a time", async (t) => {
    const { cluster, agent, edit, web } = await setUp(t);
    const revisions = new Set<string>();
    agent.becomes = ({ spec }) => {
      revisions.add(spec.revision);
      return { phase: "Ready", ready: true, started: true };
    };
    await cluster.declare("web", refers);
    await cluster.calm();
    for (let turn = 0; turn < 100; turn++) {
      for (let edits = 0; edits < 10; edits++) await edit({ LEVEL: `${turn}.${edits}` });
      await cluster.pass(600);
    }
    assert.ok(revisions.size <= 4, `${revisions.size} revisions`);
    await cluster.pass(3_000);
    const last = (await web()).status!;
    assert.equal(last.content?.digests["configmaps/conf/LEVEL"]?.length, 12);
    assert.equal(findCondition(last.conditions, "Progressing")?.reason, "RolloutComplete");
  });

  it("of a Secret is seen by its digest alone, which stands in status and history", async (t) => {
    const { cluster, client, uids, web } = await setUp(t);
    await cluster.declare("web", refers);
    await cluster.pass(10_000);
    const before = await uids();
    const metadata = { name: "keys", namespace: "default" };
    await client.create(secrets, { apiVersion: "v1", kind: "Secret", metadata, stringData: { TOKEN: "hunter2" } });
    await cluster.pass(10_000);
    assert.notDeepEqual(await uids(), before, "an optional one that appears is a change");
    const { status } = await web();
    const records = await cluster.all(controllerRevisions);
    const all = JSON.stringify([status, records, await cluster.all(instances), await cluster.all(events)]);
    assert.ok(!all.includes("hunter2") && !all.includes(Buffer.from("hunter2").toString("base64")));
    assert.deepEqual(
      records.map(({ data }) => (data as { content?: { changed?: string } }).content?.changed),
      [undefined, 'key "TOKEN" of secret "keys"'],
    );
  });

  it("changed back gives back the revision of before; what was in between is kept with the key that changed", async (t) => {
    const { cluster, edit, web } = await setUp(t);
    await cluster.declare("web", refers);
    await cluster.calm();
    const first = (await web()).status!.currentRevision;
    for (const LEVEL of ["debug", "info"]) {
      await edit({ LEVEL });
      await cluster.pass(3_000);
    }
    await cluster.pass(6_000);
    assert.equal((await web()).status!.currentRevision, first);
    const records = (await cluster.all(controllerRevisions)).toSorted((a, b) => a.revision - b.revision);
    assert.deepEqual(
      records.map(({ data }) => (data as { content?: { changed?: string } }).content?.changed),
      ['key "LEVEL" of configmap "conf"', undefined],
    );
  });

  it("goes with a new template in one rollout, and deleting a required ConfigMap replaces nothing", async (t) => {
    const { cluster, client, edit, uids, web } = await setUp(t);
    const made: string[] = [];
    await cluster.declare("web", refers);
    await cluster.calm();
    const note = async () => made.push((await web()).status!.currentRevision!);
    await note();
    await edit({ LEVEL: "debug" });
    await cluster.change("default/web", { args: ["new"] });
    await cluster.pass(100);
    await note();
    await cluster.pass(10_000);
    await note();
    assert.equal(new Set(made).size, 2);
    const before = await uids();
    await client.delete(configMaps, "default/conf");
    await cluster.pass(10_000);
    assert.deepEqual(await uids(), before);
  });

  it("waits while the Process is paused, and says which key it is", async (t) => {
    const { cluster, edit, uids, web } = await setUp(t);
    await cluster.declare("web", refers);
    await cluster.calm();
    const before = await uids();
    await cluster.change("default/web", { paused: true });
    await edit({ LEVEL: "debug" });
    await cluster.pass(5_000);
    assert.deepEqual(await uids(), before);
    const { rule, message } = (await web()).status!.decision!;
    assert.equal(rule, "Paused");
    assert.match(
      message,
      /the new content waits until spec\.paused is false \(key "LEVEL" of configmap "conf" changed\)/,
    );
    await cluster.change("default/web", { paused: false });
    await cluster.pass(5_000);
    assert.notDeepEqual(await uids(), before);
  });

  it("does nothing with action None but say so, and a restart takes it in", async (t) => {
    const { cluster, edit, uids, web } = await setUp(t);
    await cluster.declare("web", { ...refers, configChange: { action: "None" } });
    await cluster.calm();
    const before = await uids();
    await edit({ LEVEL: "debug" });
    await cluster.pass(60_000);
    assert.deepEqual(await uids(), before);
    assert.equal((await web()).status!.content?.outdated, 'key "LEVEL" of configmap "conf"');
    await cluster.change("default/web", { restartedAt: "2026-05-01T10:00:00Z" });
    await cluster.pass(10_000);
    assert.notDeepEqual(await uids(), before);
    assert.equal((await web()).status!.content?.outdated, undefined);
  });

  it("of files alone is the agent's with action Signal, of which each copy is told in place; of a variable it replaces all the same", async (t) => {
    const { cluster, edit, uids, web } = await setUp(t);
    const files = [{ path: "other", configMapRef: { name: "conf", key: "OTHER" } }];
    await cluster.declare("web", { ...refers, files, replicas: 2 });
    await cluster.calm();
    const before = await uids();
    const configChange = { action: "Signal" as const, signal: "SIGHUP", splaySeconds: 5 };
    await cluster.change("default/web", { configChange });
    await cluster.calm();
    assert.deepEqual(
      (await cluster.all(instances)).map(({ spec }) => spec.configChange),
      [configChange, configChange],
    );
    await cluster.change("default/web", { configChange: { signal: "SIGUSR1", splaySeconds: null } });
    await edit({ OTHER: "2" });
    await cluster.pass(60_000);
    assert.deepEqual(await uids(), before);
    const told = (await cluster.all(instances)).map(({ spec }) => spec.configChange);
    assert.deepEqual(told[0], { action: "Signal", signal: "SIGUSR1" });
    await cluster.change("default/web", { configChange: null });
    await cluster.calm();
    assert.deepEqual((await cluster.all(instances))[0]!.spec.configChange, undefined);
    await cluster.change("default/web", { configChange });
    await edit({ LEVEL: "debug" });
    await cluster.pass(60_000);
    assert.equal((await uids()).filter((uid) => before.includes(uid)).length, 0);
    assert.equal((await web()).status!.content?.changed, 'key "LEVEL" of configmap "conf"');
    const why = (await cluster.all(events)).find(({ reason }) => reason === "InstancesDeleted");
    assert.match(why!.message!, /"LEVEL" of configmap "conf" changed, of which a program can't be told while it runs/);
  });

  it("runs nothing again that has finished, and replaces no one-shot in the middle of its work", async (t) => {
    const { cluster, agent, edit, uids, web } = await setUp(t);
    await cluster.declare("once", { ...refers, restartPolicy: "Never" });
    await cluster.declare("web", { ...refers, restartPolicy: "OnFailure" });
    await cluster.calm();
    agent.becomes = ({ metadata }) => (metadata.name === "web-0" ? { phase: "Succeeded", ready: false } : undefined);
    await agent.nudge();
    assert.equal((await web()).status!.phase, "Completed");
    const before = await uids();
    await edit({ LEVEL: "debug" });
    await cluster.pass(60_000);
    assert.deepEqual(await uids(), before);
    assert.equal((await web()).status!.content?.outdated, undefined);
    agent.becomes = () => ({ phase: "Ready", ready: true, started: true });
    await cluster.change("default/web", { restartedAt: "2026-05-01T10:00:00Z" });
    await cluster.pass(10_000);
    const after = await uids();
    assert.deepEqual([after.length, after.filter((uid) => before.includes(uid)).length], [2, 1]);
  });

  it("is known of a Process that an earlier version made from the first look on, and replaces nothing then", async (t) => {
    const { cluster, client, edit, uids, web } = await setUp(t);
    await cluster.declare("web", refers);
    await cluster.calm();
    const before = await uids();
    const { content: _, ...status } = (await web()).status!;
    await client.updateStatus(processes, { ...(await web()), status });
    await cluster.change("default/web", { minReadySeconds: 1 });
    await cluster.pass(10_000);
    assert.deepEqual(await uids(), before);
    assert.ok((await web()).status!.content?.first);
    await edit({ LEVEL: "debug" });
    await cluster.pass(10_000);
    assert.notDeepEqual(await uids(), before);
  });
});
