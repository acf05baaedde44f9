import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Client } from "../../../../api/client.ts";
import { StatusError } from "../../../../api/errors.ts";
import { controllerOf } from "../../../../api/object.ts";
import { controllerRevisions, events, instances, processes } from "../../../../api/scheme.ts";
import { History } from "../../../../controllers/process/history/history.ts";
import { ownedIndexers } from "../../../../controllers/process/keys.ts";
import { RolloutTracker } from "../../../../controllers/process/rollout/rollout-tracker.ts";
import { silentLogger } from "../../../../lib/logger.ts";
import { Informer } from "../../../../machinery/informer.ts";
import { Cluster, FakeAgent } from "../../../machinery/cluster.ts";
import { processController } from "../controller.ts";

interface SetUp {
  /** Asked before each write of a ControllerRevision. */
  beforeWrite?: (verb: string, cluster: Cluster) => unknown;
}

async function setUp(t: TestContext, { beforeWrite = () => {} }: SetUp = {}) {
  const writes: string[] = [];
  const cluster: Cluster = await Cluster.open(t, (client) =>
    watched(client, writes, (verb) => beforeWrite(verb, cluster)),
  );
  const { controller, informers } = processController(cluster);
  const agent = new FakeAgent(cluster, informers.instances);
  await cluster.start();
  /** `1 a, 2 b`: number and argument of each template that is kept. */
  const kept = async (): Promise<string> =>
    (await cluster.all(controllerRevisions))
      .toSorted((a, b) => a.revision - b.revision)
      .map(({ revision, data }) => `${revision} ${(data as { spec: { args: string[] } }).spec.args[0]}`)
      .join(", ");
  const roll = async (arg: string): Promise<void> => {
    await cluster.change("default/web", { args: [arg] });
    await cluster.calm();
  };
  return { cluster, agent, controller, client: cluster.client, writes, kept, roll };
}

function watched(client: Client, writes: string[], before: (verb: string) => unknown): Client {
  return new Proxy(client, {
    get(target, name: string) {
      const value = Reflect.get(target, name, target);
      if (!["create", "patch", "delete", "update"].includes(name)) return value.bind(target);
      return async (...args: unknown[]): Promise<unknown> => {
        if (args[0] !== controllerRevisions) return value.apply(target, args);
        await before(name);
        writes.push(name);
        return await value.apply(target, args);
      };
    },
  });
}

describe("the history of a Process", () => {
  it("keeps each template once, owned, labelled and numbered, some time after its replicas were made", async (t) => {
    const { cluster, writes, kept, controller } = await setUp(t);
    const web = await cluster.declare("web", { args: ["a"] }, { labels: { tier: "front", "wctl.dev/source": "x" } });
    await cluster.pass(4_000);
    assert.deepEqual(await cluster.names(instances), ["web-0"]);
    assert.deepEqual(writes, [], "nobody waits for it");
    await cluster.pass(1_000);
    const [record, ...others] = await cluster.all(controllerRevisions);
    assert.equal(others.length, 0);
    const revision = (await cluster.process("default/web"))!.status!.currentRevision!;
    assert.equal(record!.metadata.name, revision);
    assert.deepEqual(record!.metadata.labels, { "wctl.dev/process": "web", "wctl.dev/revision": revision });
    assert.equal(controllerOf(record!)!.uid, web.metadata.uid);
    const { command, args } = (record!.data as { spec: Record<string, unknown> }).spec;
    assert.deepEqual([record!.revision, command, args], [1, "/bin/true", ["a"]]);

    await cluster.change("default/web", { replicas: 2 });
    await cluster.calm();
    controller.queue.add("default/web");
    await cluster.pass(3_600_000);
    assert.deepEqual(writes, ["create"], "no more is written while the template stays");
    assert.equal(await kept(), "1 a");
  });

  it("writes a template down before the first of its replicas is removed", async (t) => {
    const living: string[][] = [];
    const { cluster, roll, kept } = await setUp(t, {
      beforeWrite: async (_, { client }) => {
        const { items } = await client.list(instances);
        living.push(items.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ spec }) => spec.args![0]!));
      },
    });
    await cluster.declare("web", { args: ["a"], strategy: { type: "Recreate" } });
    await cluster.calm();
    await roll("b");
    assert.equal(await kept(), "1 a");
    assert.deepEqual(living, [["a"]]);
    await cluster.pass(5_000);
    assert.equal(await kept(), "1 a, 2 b");
  });

  it("gives a template that comes back a new number, however soon the next follows", async (t) => {
    const { cluster, roll, kept } = await setUp(t);
    await cluster.declare("web", { args: ["a"] });
    await cluster.pass(5_000);
    await roll("b");
    await cluster.pass(5_000);
    await roll("a");
    await cluster.pass(5_000);
    assert.equal(await kept(), "2 b, 3 a");
    await roll("b");
    await roll("c");
    assert.equal(await kept(), "3 a, 4 b");
    await cluster.pass(5_000);
    assert.equal(await kept(), "3 a, 4 b, 5 c");
  });

  it("keeps why a template came, and what is said of it later", async (t) => {
    const { cluster, client } = await setUp(t);
    const cause = "kubernetes.io/change-cause";
    const causes = async () =>
      (await cluster.all(controllerRevisions)).map(({ metadata }) => metadata.annotations?.[cause]);
    await cluster.declare("web", { args: ["a"] }, { annotations: { [cause]: "first" } });
    await cluster.pass(5_000);
    assert.deepEqual(await causes(), ["first"]);
    const body = { metadata: { annotations: { [cause]: "better words" } } };
    await client.patch(processes, "default/web", { type: "merge", body });
    await cluster.calm();
    assert.deepEqual(await causes(), ["better words"]);
  });

  it("removes what is beyond revisionHistoryLimit, oldest first, and never what a replica is made of", async (t) => {
    const { cluster, agent, roll, kept } = await setUp(t);
    await cluster.declare("web", { args: ["a"], replicas: 2, revisionHistoryLimit: 1 });
    await cluster.pass(5_000);
    for (const arg of ["b", "c"]) {
      await roll(arg);
      await cluster.pass(5_000);
    }
    assert.equal(await kept(), "2 b, 3 c");
    agent.becomes = () => ({ phase: "Running", ready: false, started: true });
    await roll("d");
    await cluster.pass(5_000);
    await cluster.change("default/web", { revisionHistoryLimit: 0 });
    await cluster.calm();
    assert.equal(await kept(), "3 c, 4 d", "one replica is still of c");
    agent.becomes = () => ({ phase: "Ready", ready: true, started: true });
    await agent.nudge();
    assert.equal(await kept(), "4 d");
  });

  it("writes a record again that somebody deleted", async (t) => {
    const { cluster, client, kept } = await setUp(t);
    await cluster.declare("web", { args: ["a"] });
    await cluster.pass(5_000);
    const [record] = await cluster.names(controllerRevisions);
    await client.delete(controllerRevisions, `default/${record}`);
    await cluster.calm();
    assert.equal(await kept(), "1 a");
  });

  it("takes over what an earlier Process of the same name left", async (t) => {
    const { cluster, client, kept } = await setUp(t);
    await cluster.declare("web", { args: ["a"] });
    await cluster.pass(5_000);
    for (const record of await cluster.all(controllerRevisions)) {
      const body = { metadata: { ownerReferences: null } };
      await client.patch(controllerRevisions, `default/${record.metadata.name}`, { type: "merge", body });
    }
    await client.delete(processes, "default/web");
    await cluster.calm();
    const second = await cluster.declare("web", { args: ["b"] });
    await cluster.pass(5_000);
    assert.equal(await kept(), "1 a, 2 b");
    for (const record of await cluster.all(controllerRevisions)) {
      assert.equal(controllerOf(record)!.uid, second.metadata.uid);
    }
  });

  it("holds no rollout up when it cannot be written, says so, and tries again", async (t) => {
    let refused = true;
    const { cluster, roll, kept } = await setUp(t, {
      beforeWrite: () => {
        if (refused) throw new StatusError("Forbidden", "controllerrevisions.apps is forbidden: not today");
      },
    });
    await cluster.declare("web", { args: ["a"] });
    await cluster.calm();
    await roll("b");
    assert.deepEqual((await cluster.all(instances))[0]!.spec.args, ["b"]);
    const told = (await cluster.all(events)).find(({ reason }) => reason === "RevisionNotKept");
    assert.match(told!.message!, /not today/);
    await cluster.pass(5_000);
    refused = false;
    await cluster.pass(10_000);
    assert.equal(await kept(), "1 b");
  });

  it("knows the template of a paused Process of which nothing runs, also after a restart", async (t) => {
    const { cluster } = await setUp(t);
    await cluster.declare("web", { args: ["a"] });
    await cluster.pass(5_000);
    await cluster.change("default/web", { args: ["b"], paused: true, replicas: 0 });
    await cluster.calm();
    const records = new Informer({
      ...cluster,
      resource: controllerRevisions,
      logger: silentLogger,
      indexers: ownedIndexers,
    });
    const stop = new AbortController();
    t.after(() => stop.abort());
    void records.start(stop.signal);
    await records.synced;
    const web = (await cluster.process("default/web"))!;
    const history = new History({ ...cluster, records });
    const templates = new RolloutTracker(web, cluster.clock).templates(web, [], history);
    assert.deepEqual(templates.get(web.status!.currentRevision!)?.args, ["a"]);
  });

  it("writes nothing any more for a Process that is being deleted", async (t) => {
    const { cluster, client, writes } = await setUp(t);
    await cluster.declare("web", { args: ["a"] });
    await cluster.calm();
    await client.delete(processes, "default/web", { propagation: "Foreground" });
    await cluster.pass(10_000);
    assert.deepEqual(writes, []);
  });
});
