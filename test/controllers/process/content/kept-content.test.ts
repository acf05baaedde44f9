import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Client } from "../../../../api/client.ts";
import { StatusError } from "../../../../api/errors.ts";
import type { Stored } from "../../../../api/object.ts";
import {
  configMaps,
  controllerRevisions,
  events,
  instances,
  namespaces,
  processes,
  secrets,
} from "../../../../api/scheme.ts";
import type { ConfigMap, Process, ProcessSpec } from "../../../../api/types.generated.ts";
import { settle } from "../../../lib/fake-clock.ts";
import { Cluster, FakeAgent } from "../../../machinery/cluster.ts";
import { processController } from "../controller.ts";

const refers: Partial<ProcessSpec> = {
  env: [{ name: "LEVEL", valueFrom: { configMapKeyRef: { name: "conf", key: "LEVEL" } } }],
};

async function setUp(t: TestContext, wrap: (client: Client) => Client = (client) => client, name = "conf") {
  const cluster = await Cluster.open(t, wrap);
  const { client } = cluster;
  const metadata = { name, namespace: "default", labels: { "wctl.dev/source": "folder" } };
  const data = { LEVEL: "info", OTHER: "1" };
  await client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata, data });
  const { informers } = processController(cluster);
  new FakeAgent(cluster, informers.instances);
  await cluster.start();
  const set = (LEVEL: string) =>
    client.patch(configMaps, `default/${name}`, { type: "merge", body: { data: { LEVEL } } });
  const edit = async (LEVEL: string): Promise<void> => {
    await set(LEVEL);
    await cluster.pass(3_000);
    await cluster.pass(6_000);
  };
  const copies = async (): Promise<Stored<ConfigMap>[]> =>
    (await cluster.all(configMaps)).filter(({ metadata }) => metadata.labels?.["wctl.dev/content-of"] !== undefined);
  const levels = async (): Promise<string[]> => (await copies()).map(({ data }) => data?.LEVEL ?? "").toSorted();
  const keptOf = async (name: string): Promise<Record<string, string> | undefined> =>
    (await cluster.process(`default/${name}`))?.status?.content?.kept;
  return { cluster, client, set, edit, copies, levels, keptOf };
}

/** Counts, and refuses what `refuse` says. */
function watched(writes: string[], refuse: (kind: string) => boolean = () => false) {
  return (client: Client): Client =>
    new Proxy(client, {
      get(target, verb: string) {
        const value = Reflect.get(target, verb, target);
        if (!["create", "update", "patch", "delete", "updateStatus"].includes(verb)) return value.bind(target);
        return async (resource: { plural: string }, ...args: unknown[]): Promise<unknown> => {
          const label = (args[0] as { metadata?: Stored["metadata"] })?.metadata?.labels?.["wctl.dev/content-of"];
          if (verb === "create" && label !== undefined && refuse(resource.plural))
            throw new StatusError("Forbidden", "exceeded quota");
          const written = await value.call(target, resource, ...args);
          writes.push(`${verb} ${resource.plural}`);
          return written;
        };
      },
    });
}

describe("the content of a revision is kept", () => {
  it("as an immutable copy of the keys that it is made with, before anything is replaced, and once for all Processes", async (t) => {
    const writes: string[] = [];
    const { cluster, edit, copies, levels, keptOf } = await setUp(t, watched(writes));
    await Promise.all(Array.from({ length: 20 }, (_, n) => cluster.declare(`web-${n}`, refers)));
    await cluster.pass(6_000);
    const [copy, ...others] = await copies();
    assert.deepEqual(others, []);
    assert.deepEqual([copy!.data, copy!.immutable], [{ LEVEL: "info" }, true]);
    assert.match(copy!.metadata.name, /^conf-[0-9a-f]{20}$/);
    assert.deepEqual(copy!.metadata.labels, { "wctl.dev/content-of": "conf" }, "no source prunes it");
    assert.deepEqual(await keptOf("web-7"), { "configmaps/conf": copy!.metadata.name });
    assert.equal(writes.filter((one) => one === "create configmaps").length, 2, "the ConfigMap and one copy");
    await edit("debug");
    assert.deepEqual(await levels(), ["debug", "info"]);
    const records = await cluster.all(controllerRevisions);
    const kept = records.map(({ data }) => (data as { content: Process["status"] & { kept: object } }).content.kept);
    assert.equal(new Set(kept.map((one) => JSON.stringify(one))).size, 2);
    assert.equal(kept.length, 40);
  });

  it("of a Secret under the rights and the encryption of Secrets, whatever keys its type asks for", async (t) => {
    const { cluster, client, keptOf } = await setUp(t);
    const metadata = { name: "tls", namespace: "default" };
    const type = "kubernetes.io/tls";
    const stringData = { "tls.crt": "public", "tls.key": "hunter2" };
    await client.create(secrets, { apiVersion: "v1", kind: "Secret", metadata, type, stringData });
    await cluster.declare("web", {
      env: [{ name: "KEY", valueFrom: { secretKeyRef: { name: "tls", key: "tls.key" } } }],
    });
    await cluster.pass(6_000);
    const copy = await client.get(secrets, `default/${(await keptOf("web"))!["secrets/tls"]}`);
    assert.deepEqual(copy.data, { "tls.key": Buffer.from("hunter2").toString("base64") });
    assert.deepEqual([copy.type, copy.metadata.annotations?.["wctl.dev/secret-type"]], ["wctl.dev/kept-content", type]);
    const others = JSON.stringify([
      await cluster.all(controllerRevisions),
      await cluster.all(processes),
      await cluster.all(events),
    ]);
    assert.ok(!others.includes("hunter2") && !others.includes(Buffer.from("hunter2").toString("base64")));
  });

  it("until history lets go of it, also when nothing is kept of the history or its Process is deleted", async (t) => {
    const { cluster, client, edit, levels, copies } = await setUp(t);
    await cluster.declare("web", { ...refers, revisionHistoryLimit: 1 });
    await cluster.calm();
    for (const level of ["a", "b", "c"]) await edit(level);
    assert.deepEqual(await levels(), ["b", "c"]);
    await cluster.change("default/web", { revisionHistoryLimit: 0 });
    await cluster.pass(6_000);
    assert.deepEqual(await levels(), ["c"]);
    const [copy] = await copies();
    const spec = {
      env: [{ name: "LEVEL", valueFrom: { configMapKeyRef: { name: copy!.metadata.name, key: "LEVEL" } } }],
    };
    await cluster.declare("reader", { ...spec, revisionHistoryLimit: 0, paused: true });
    await client.delete(processes, "default/web");
    for (const record of await cluster.all(controllerRevisions))
      await client.delete(controllerRevisions, `default/${record.metadata.name}`);
    await cluster.pass(6_000);
    assert.ok((await levels()).includes("c"), "a template names it");
    await client.delete(processes, "default/reader");
    for (const record of await cluster.all(controllerRevisions))
      await client.delete(controllerRevisions, `default/${record.metadata.name}`);
    await cluster.pass(6_000);
    assert.deepEqual(await levels(), []);
  });

  it("goes with a Process whose deletion waits for its copies and its history", async (t) => {
    const { cluster, client, levels } = await setUp(t);
    await cluster.declare("web", refers, { finalizers: ["example.com/slow"] });
    await cluster.pass(6_000);
    await client.delete(processes, "default/web");
    await cluster.pass(1_000);
    for (const record of await cluster.all(controllerRevisions))
      await client.delete(controllerRevisions, `default/${record.metadata.name}`);
    await cluster.pass(1_000);
    assert.deepEqual(await levels(), ["info"]);
    await client.patch(processes, "default/web", { type: "merge", body: { metadata: { finalizers: null } } });
    await cluster.pass(1_000);
    assert.deepEqual(await levels(), []);
  });

  it("edited a thousand times in a minute leaves what history has, and nothing else", async (t) => {
    const { cluster, set, levels } = await setUp(t);
    await cluster.declare("web", { ...refers, revisionHistoryLimit: 2 });
    await cluster.calm();
    for (let turn = 0; turn < 100; turn++) {
      for (let edits = 0; edits < 10; edits++) await set(`${turn}.${edits}`);
      await cluster.pass(600);
    }
    await cluster.pass(10_000);
    assert.ok((await levels()).length <= 3, String(await levels()));
    assert.ok((await levels()).includes("99.9"));
  });

  it("is removed when a daemon that was killed has made it and nobody refers to it; what only has the label is left alone", async (t) => {
    const { cluster, client, edit, copies } = await setUp(t);
    await cluster.declare("web", refers);
    await cluster.calm();
    await edit("debug");
    const [copy] = await copies();
    const { uid: _, resourceVersion: _version, creationTimestamp: _time, ...metadata } = copy!.metadata;
    const labels = { "wctl.dev/content-of": "mine" };
    await client.create(configMaps, { ...copy!, metadata: { name: "mine", namespace: "default", labels } });
    const namespace = { name: "other" };
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: namespace });
    await client.create(configMaps, { ...copy!, metadata: { ...metadata, namespace: "other" } });
    await cluster.pass(1_000);
    assert.equal((await copies()).filter(({ metadata }) => metadata.namespace === "other").length, 0);
    assert.equal((await copies()).filter(({ metadata }) => metadata.name === "mine").length, 1);
    assert.equal((await copies()).length, 3);
  });

  it("is there in the end for a Process that begins to refer to it while it is removed", async (t) => {
    const gate = Promise.withResolvers<void>();
    const removing = Promise.withResolvers<void>();
    const slow = (client: Client): Client =>
      new Proxy(client, {
        get(target, verb: string) {
          const value = Reflect.get(target, verb, target);
          if (verb !== "delete") return value.bind(target);
          return async (resource: unknown, ...args: unknown[]): Promise<unknown> => {
            if (resource === configMaps) {
              removing.resolve();
              await gate.promise;
            }
            return await value.call(target, resource, ...args);
          };
        },
      });
    const { cluster, client, copies, keptOf } = await setUp(t, slow);
    await cluster.declare("web", { ...refers, revisionHistoryLimit: 0 });
    await cluster.calm();
    const [{ metadata }] = (await copies()) as [Stored<ConfigMap>];
    await client.delete(processes, "default/web");
    await removing.promise;
    await cluster.declare("web2", refers);
    await settle(50);
    gate.resolve();
    await cluster.calm();
    const [copy, ...others] = await copies();
    assert.deepEqual([copy!.metadata.name, others], [metadata.name, []]);
    assert.notEqual(copy!.metadata.uid, metadata.uid);
    assert.deepEqual(await keptOf("web2"), { "configmaps/conf": metadata.name });
  });

  it("comes again when somebody deletes it and it is still what runs", async (t) => {
    const { cluster, client, copies } = await setUp(t);
    await cluster.declare("web", refers);
    await cluster.calm();
    const [copy] = await copies();
    const before = await cluster.all(instances);
    await client.delete(configMaps, `default/${copy!.metadata.name}`);
    await cluster.pass(1_000);
    assert.deepEqual(
      (await copies()).map(({ metadata }) => metadata.name),
      [copy!.metadata.name],
    );
    assert.deepEqual(await cluster.all(instances), before);
  });

  it("or an Event says why not, and the rollout goes on: what was planted under its name is no copy", async (t) => {
    const { cluster, client, edit, copies, keptOf } = await setUp(t);
    await cluster.declare("web", refers);
    await cluster.calm();
    const [copy] = await copies();
    const name = `default/${copy!.metadata.name}`;
    await client.delete(processes, "default/web");
    await cluster.pass(1_000);
    await client.delete(configMaps, name).catch(() => undefined);
    await client.create(configMaps, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: copy!.metadata.name, namespace: "default", labels: copy!.metadata.labels! },
      data: { LEVEL: "planted" },
    });
    await cluster.declare("web2", refers);
    await cluster.pass(6_000);
    assert.equal(await keptOf("web2"), undefined);
    const told = (await cluster.all(events)).filter(({ reason }) => reason === "ContentNotKept");
    assert.match(
      told[0]!.message!,
      /the content of configmap "conf" is not kept and can't be undone: "conf-\w+" is there already/,
    );
    await edit("debug");
    assert.equal((await cluster.process("default/web2"))!.status!.updatedReplicas, 1);
    assert.ok((await keptOf("web2"))!["configmaps/conf"], "the next one is kept");
  });

  it("or the API refuses it, once", async (t) => {
    const writes: string[] = [];
    const { cluster, edit, keptOf } = await setUp(
      t,
      watched(writes, (kind) => kind === "configmaps"),
    );
    await cluster.declare("web", refers);
    await cluster.pass(60_000);
    assert.equal(await keptOf("web"), undefined);
    await edit("debug");
    assert.equal((await cluster.process("default/web"))!.status!.updatedReplicas, 1);
    const told = (await cluster.all(events)).filter(({ reason }) => reason === "ContentNotKept");
    assert.match(told[0]!.message!, /can't be undone: exceeded quota/);
    assert.ok(told.reduce((sum, { count = 1 }) => sum + count, 0) <= 2);
  });

  it("with a name of 253 characters and a mebibyte of content", async (t) => {
    const name = `${"a.".repeat(126)}a`;
    const { cluster, client, copies } = await setUp(t, undefined, name);
    const LEVEL = "x".repeat(1024 * 1024 - 100);
    await client.patch(configMaps, `default/${name}`, { type: "merge", body: { data: { LEVEL, OTHER: null } } });
    await cluster.declare("web", { env: [{ name: "LEVEL", valueFrom: { configMapKeyRef: { name, key: "LEVEL" } } }] });
    await cluster.pass(6_000);
    const [copy] = await copies();
    assert.equal(copy!.data!.LEVEL, LEVEL);
    assert.ok(copy!.metadata.name.length <= 253);
  });

  it("of an earlier version's data directory from the first look on, without replacing anything: its first change can be undone", async (t) => {
    const { cluster, client, edit, keptOf, levels } = await setUp(t);
    await cluster.declare("web", refers);
    await cluster.pass(10_000);
    const before = (await cluster.all(instances)).map(({ metadata }) => metadata.uid);
    const [{ uid: _uid, resourceVersion: _version, ...metadata }, record] = await cluster
      .all(controllerRevisions)
      .then(([one]) => [one!.metadata, one!] as const);
    const { kept: _, key: _key, ...recorded } = (record.data as { content: { kept: object; key: string } }).content;
    await client.delete(controllerRevisions, `default/${metadata.name}`);
    await client.create(controllerRevisions, { ...record, metadata, data: { ...record.data, content: recorded } });
    const web = (await cluster.process("default/web"))!;
    const { kept: _kept, ...content } = web.status!.content!;
    await client.updateStatus(processes, { ...web, status: { ...web.status, content } });
    await cluster.change("default/web", { minReadySeconds: 1 });
    await cluster.pass(10_000);
    const kept = await keptOf("web");
    assert.ok(kept!["configmaps/conf"]);
    assert.deepEqual(
      (await cluster.all(instances)).map(({ metadata }) => metadata.uid),
      before,
    );
    const [again, ...others] = await cluster.all(controllerRevisions);
    assert.deepEqual([again!.metadata.name, again!.revision, others], [metadata.name, 1, []]);
    assert.deepEqual((again!.data as { content: { kept: object } }).content.kept, kept);
    await edit("debug");
    assert.deepEqual(await levels(), ["debug", "info"]);
  });
});
