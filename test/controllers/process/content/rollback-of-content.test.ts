import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { findCondition } from "../../../../api/conditions.ts";
import { isIntact } from "../../../../api/content/kept-copy.ts";
import type { Stored } from "../../../../api/object.ts";
import { configMaps, events, instances } from "../../../../api/scheme.ts";
import type { ConfigMap, Instance, ProcessSpec } from "../../../../api/types.generated.ts";
import { resolveReferences } from "../../../../controllers/instance/launch/references.ts";
import { Cluster, FakeAgent } from "../../../machinery/cluster.ts";
import { processController } from "../controller.ts";

const refers: Partial<ProcessSpec> = {
  env: [{ name: "LEVEL", valueFrom: { configMapKeyRef: { name: "conf", key: "LEVEL" } } }],
  envFrom: [{ configMapRef: { name: "extra", optional: true } }],
  progressDeadlineSeconds: 30,
  rollback: "OnDeadline",
};

async function setUp(t: TestContext, spec: Partial<ProcessSpec> = {}) {
  const cluster = await Cluster.open(t);
  const { client } = cluster;
  const make = (name: string, data: Record<string, string>) =>
    client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data });
  await make("conf", { LEVEL: "info" });
  const { informers } = processController(cluster);
  const agent = new FakeAgent(cluster, informers.instances);
  await cluster.start();
  const sources = async () => {
    const all = new Map((await cluster.all(configMaps)).map((one) => [`default/${one.metadata.name}`, one]));
    return { configMaps: all as never, secrets: new Map() as never };
  };
  /** What a start would give it now. */
  const levelOf = async (instance: Stored<Instance>): Promise<string | undefined> => {
    const resolved = resolveReferences(instance, await sources());
    return "missing" in resolved ? resolved.missing : resolved.env.LEVEL;
  };
  const edit = (data: Record<string, string | null>) =>
    client.patch(configMaps, "default/conf", { type: "merge", body: { data } });
  const web = async () => (await cluster.process("default/web"))!;
  const progressing = async () => findCondition((await web()).status!.conditions, "Progressing");
  const copies = () => cluster.all(instances);
  await cluster.declare("web", { ...refers, replicas: 2, ...spec });
  await cluster.calm();
  const stable = (await web()).status!.currentRevision!;
  agent.becomes = ({ spec }) =>
    spec.revision === stable
      ? { phase: "Ready", ready: true, started: true }
      : { phase: "Running", ready: false, started: true };
  return { cluster, client, agent, make, edit, web, progressing, copies, levelOf, stable };
}

/** Long enough for a rollout that does not get on to be given up, and for what comes after it. */
async function fail(cluster: Cluster): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await cluster.pass(3_000);
}

describe("rollback: OnDeadline", () => {
  it("brings back the content that was rolled out, from its kept copies, and changes nobody's ConfigMap", async (t) => {
    const { cluster, client, make, edit, web, progressing, copies, levelOf, stable } = await setUp(t);
    await edit({ LEVEL: "nonsense" });
    await make("extra", { LEVEL_TOO: "nonsense" });
    await fail(cluster);
    assert.equal((await progressing())?.reason, "RolledBack");
    const { status } = await web();
    assert.deepEqual([status!.currentRevision, status!.rollback!.to, status!.updatedReplicas], [stable, stable, 0]);
    assert.deepEqual((await client.get(configMaps, "default/conf")).data, { LEVEL: "nonsense" });
    const made = (await copies()).filter(({ spec }) => spec.keptContent);
    assert.ok(made.length >= 1);
    for (const instance of made) {
      assert.equal(await levelOf(instance), "info");
      assert.deepEqual(instance.spec.env, refers.env, "the template is what it was");
      assert.deepEqual(instance.spec.keptContent!.at(-1), { kind: "ConfigMap", name: "extra" }, "it was not there");
    }
    assert.match(status!.decision!.message, /kept at web-\w+ until the template or the content is changed/);
    const before = (await copies()).map(({ metadata }) => metadata.uid);
    await fail(cluster);
    assert.deepEqual(
      (await copies()).map(({ metadata }) => metadata.uid),
      before,
      "it goes back once, and does not loop",
    );
  });

  it("ends when the content comes back, without a restart, and when it is another", async (t) => {
    const { cluster, agent, edit, web, progressing, copies } = await setUp(t);
    await edit({ LEVEL: "nonsense" });
    await fail(cluster);
    const before = (await copies()).map(({ metadata }) => metadata.uid);
    await edit({ LEVEL: "info" });
    await cluster.pass(5_000);
    await cluster.pass(20_000);
    assert.deepEqual(
      (await copies()).map(({ metadata }) => metadata.uid),
      before,
    );
    assert.deepEqual(
      (await copies()).map(({ spec }) => spec.keptContent),
      [undefined, undefined],
    );
    assert.deepEqual([(await web()).status!.rollback, (await progressing())?.reason], [undefined, "RolloutComplete"]);
    await edit({ LEVEL: "nonsense" });
    await fail(cluster);
    assert.equal((await progressing())?.reason, "RolledBack", "the same edit again is tried again");
    agent.becomes = () => ({ phase: "Ready", ready: true, started: true });
    await edit({ LEVEL: "debug" });
    await cluster.pass(5_000);
    await cluster.pass(5_000);
    assert.equal((await progressing())?.reason, "RolloutComplete");
    assert.ok((await copies()).every(({ spec }) => spec.keptContent === undefined));
  });

  it("brings back template and content together when both have changed", async (t) => {
    const { cluster, edit, web, progressing, copies, levelOf } = await setUp(t, { args: ["old"], replicas: 1 });
    await edit({ LEVEL: "nonsense" });
    await cluster.change("default/web", { args: ["new"] });
    await fail(cluster);
    assert.equal((await progressing())?.reason, "RolledBack");
    const [copy] = await copies();
    assert.deepEqual([copy!.spec.args, await levelOf(copy!)], [["old"], "info"]);
    assert.deepEqual((await web()).spec.args, ["new"]);
  });

  it("is refused, with the reason, when the copy is gone or was replaced; a start from a replaced one is too", async (t) => {
    const { cluster, client, edit, web, progressing, copies, levelOf } = await setUp(t, { replicas: 1 });
    const name = (await web()).status!.content!.kept!["configmaps/conf"]!;
    await edit({ LEVEL: "nonsense" });
    await cluster.pass(5_000);
    const {
      uid: _,
      resourceVersion: _version,
      creationTimestamp: _time,
      ...metadata
    } = (await client.get(configMaps, `default/${name}`)).metadata;
    await client.delete(configMaps, `default/${name}`);
    const planted: ConfigMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: { LEVEL: "planted" },
      immutable: true,
    };
    assert.equal(isIntact(await client.create(configMaps, planted)), false);
    await fail(cluster);
    assert.equal((await progressing())?.reason, "ProgressDeadlineExceeded");
    assert.match((await progressing())!.message, /It is not rolled back: configmap "conf" as it was then is not kept$/);
    const [copy] = await copies();
    const reads = {
      ...copy!,
      spec: { ...copy!.spec, keptContent: [{ kind: "ConfigMap" as const, name: "conf", keptAs: name }] },
    };
    assert.match((await levelOf(reads))!, /^the configmap "conf-\w+" is not the content of "conf" that wctl has kept/);
    await client.delete(configMaps, `default/${name}`);
    assert.match((await levelOf(reads))!, /of configmap "conf-\w+" not found/);
  });

  it("keeps what runs from its copies with revisionHistoryLimit 0, and goes on with them after a restart of the daemon", async (t) => {
    const { cluster, edit, progressing, copies } = await setUp(t, { revisionHistoryLimit: 0, replicas: 1 });
    await edit({ LEVEL: "nonsense" });
    await fail(cluster);
    assert.equal((await progressing())?.reason, "RolledBack");
    const [copy] = await copies();
    const { keptAs } = copy!.spec.keptContent![0]!;
    assert.ok(await cluster.find(configMaps, `default/${keptAs}`));
    assert.ok((await cluster.all(events)).some(({ reason }) => reason === "RolledBack"));
  });
});
