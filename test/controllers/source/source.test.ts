import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { findCondition, type NewCondition } from "../../../api/conditions.ts";
import type { Stored } from "../../../api/object.ts";
import { configMaps, events, namespaces, nodes, processes, scheme, serviceAccounts } from "../../../api/scheme.ts";
import { Source } from "../../../controllers/source/source.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { settle } from "../../lib/fake-clock.ts";
import { Cluster } from "../../machinery/cluster.ts";
import { identity, MemoryReader } from "./memory-reader.ts";

const map = (name: string, value = "1", namespace = "default"): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}}\ndata: {value: "${value}"}\n`;
const namespace = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;
const program = (name: string, replicas: number | string, home = "default"): string =>
  `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}, namespace: ${home}}\nspec: {command: /bin/true, replicas: ${replicas}}\n`;
const maps = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}.yaml`, map(`m${n}`)]));

type Policy = Partial<Pick<ConstructorParameters<typeof Source>[0], "besideInvalid" | "drift" | "limits">>;

/** A source that is no folder: it tells how it is by itself, and has revisions. */
function open(cluster: Cluster, label: string, owner: Stored, policy: Policy = {}) {
  const reader = new MemoryReader();
  const said: { condition: NewCondition; revision: string | undefined }[] = [];
  const source = new Source({
    source: identity(label),
    reader,
    target: { object: owner, setCondition: async (condition, revision) => void said.push({ condition, revision }) },
    limits: { few: 10, share: 0.5 },
    besideInvalid: "Apply",
    client: cluster.client,
    overview: cluster.client,
    prunes: true,
    drift: "Keep",
    resyncMs: () => 300_000,
    clock: cluster.clock,
    recorder: cluster.recorder,
    logger: silentLogger,
    resources: scheme,
    ...policy,
  });
  const signal = new AbortController().signal;
  return {
    reader,
    source,
    sync: () => source.sync(signal),
    /** Long enough for what is missing to count as gone. */
    async stabilize(): Promise<void> {
      await source.sync(signal);
      cluster.clock.advance(1_000);
      await source.sync(signal);
      await cluster.recorder.flush();
    },
    said: (): string => {
      const { condition, revision } = said.at(-1)!;
      return `${condition.status} ${condition.reason} at ${revision}: ${condition.message}`;
    },
  };
}

async function setUp(t: TestContext, policy: Policy = {}) {
  const cluster = await Cluster.open(t);
  const owner = await cluster.client.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name: "pc1" } });
  return { cluster, owner, ...open(cluster, "git.shop", owner, policy) };
}

describe("a source with a reader of its own", () => {
  it("applies, marks with its label and its field manager, and prunes what it made itself", async (t) => {
    const { cluster, reader, sync, stabilize, said } = await setUp(t);
    const mine = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "mine", namespace: "default" } } as const;
    await cluster.client.create(configMaps, mine);
    reader.push("r1", { "a.yaml": map("a"), "b.yaml": map("b") });
    await sync();
    const a = await cluster.find(configMaps, "default/a");
    assert.equal(a?.metadata.labels?.["wctl.dev/source"], "git.shop");
    assert.equal(a?.metadata.annotations?.["wctl.dev/source-file"], "a.yaml");
    assert.equal(said(), "True Synced at r1: all manifests of the shelf are applied");
    reader.push("r2", { "a.yaml": undefined });
    await stabilize();
    assert.deepEqual(await cluster.names(configMaps), ["b", "mine"]);
    assert.equal(said(), "True Synced at r2: all manifests of the shelf are applied");
  });

  it("keeps everything while it cannot be read, and says so in its own words", async (t) => {
    const { cluster, reader, sync, stabilize, said } = await setUp(t);
    reader.push("r1", { "a.yaml": map("a") });
    await sync();
    reader.failure = new Error("no route to host");
    await stabilize();
    assert.deepEqual(await cluster.names(configMaps), ["a"]);
    assert.match(
      said(),
      /^False ShelfUnreadable .*the shelf cannot be read, so nothing is applied or pruned: no route/,
    );
  });

  it("brakes by its own limits until it is confirmed", async (t) => {
    const { cluster, reader, sync, stabilize, said } = await setUp(t, { limits: { few: 3, share: 0.3 } });
    reader.push("r1", maps(10));
    await sync();
    reader.push("r2", { "m0.yaml": undefined, "m1.yaml": undefined, "m2.yaml": undefined });
    await stabilize();
    assert.equal((await cluster.names(configMaps)).length, 7, "three may always go");
    reader.push("r3", { "m3.yaml": undefined, "m4.yaml": undefined, "m5.yaml": undefined, "m6.yaml": undefined });
    await stabilize();
    assert.equal((await cluster.names(configMaps)).length, 7);
    assert.match(said(), /^False PruneRefused at r3: 4 of 7 objects would be pruned at once.*; say yes to confirm$/);
    reader.isPruneApproved = true;
    await stabilize();
    assert.deepEqual(await cluster.names(configMaps), ["m7", "m8", "m9"]);
  });

  it("syncs when its reader tells of a change, and closes it at the end", async (t) => {
    const { cluster, reader, source } = await setUp(t);
    const aborter = new AbortController();
    const ended = source.start(aborter.signal);
    await cluster.calm();
    reader.push("r1", { "a.yaml": map("a") });
    await cluster.pass(50);
    await settle(50);
    assert.deepEqual(await cluster.names(configMaps), ["a"]);
    aborter.abort();
    await ended;
    assert.ok(reader.isClosed);
  });
});

describe("a source that cannot be watched", () => {
  it("is read every few seconds instead", async (t) => {
    const { cluster, reader, source } = await setUp(t);
    reader.watchFailure = new Error("no watches left");
    const aborter = new AbortController();
    const ended = source.start(aborter.signal);
    await cluster.calm();
    await cluster.pass(50);
    await settle(50);
    reader.push("r1", { "a.yaml": map("a") });
    await cluster.pass(5_000);
    await settle(50);
    assert.deepEqual(await cluster.names(configMaps), ["a"]);
    aborter.abort();
    await ended;
  });
});

describe("two sources", () => {
  it("never prune each other's Objects", async (t) => {
    const { cluster, owner, ...git } = await setUp(t);
    const other = open(cluster, "directory", owner);
    git.reader.push("r1", { "a.yaml": map("a") });
    other.reader.push("1", { "b.yaml": map("b") });
    await git.stabilize();
    await other.stabilize();
    assert.deepEqual(await cluster.names(configMaps), ["a", "b"]);
    other.reader.push("2", { "b.yaml": undefined });
    await git.stabilize();
    await other.stabilize();
    assert.deepEqual(await cluster.names(configMaps), ["a"]);
  });

  it("leave an Object to the one that made it; the other says so, and takes it over when it is free", async (t) => {
    const { cluster, owner, ...git } = await setUp(t);
    const other = open(cluster, "directory", owner);
    git.reader.push("r1", { "a.yaml": map("same", "git") });
    await git.stabilize();
    other.reader.push("1", { "x.yaml": `${map("own")}---\n${map("same", "folder")}` });
    await other.stabilize();
    const value = async () => (await cluster.find(configMaps, "default/same"))?.data?.value;
    assert.equal(await value(), "git");
    assert.match(
      other.said(),
      /^False ManifestInvalid .*x\.yaml:6: ConfigMap default\/same belongs to the source "git\.shop"/,
    );
    other.reader.push("2", { "x.yaml": map("own") });
    await other.stabilize();
    assert.equal(await value(), "git", "what it never made is nothing to prune");
    other.reader.push("3", { "x.yaml": `${map("own")}---\n${map("same", "folder")}` });
    git.reader.push("r2", { "a.yaml": map("instead") });
    await git.stabilize();
    await other.stabilize();
    assert.equal(await value(), "folder");
    assert.match(other.said(), /^True Synced/);
  });
});

describe("a source that holds a revision with an invalid manifest", () => {
  const hold = { besideInvalid: "Hold" } as const;

  it("applies and prunes nothing of it, whether a file or the API refuses, and says what and where", async (t) => {
    const { cluster, reader, stabilize, said } = await setUp(t, hold);
    reader.push("r1", { "a.yaml": map("a"), "b.yaml": map("b"), "web.yaml": program("web", 1) });
    await stabilize();
    const value = async () => (await cluster.find(configMaps, "default/a"))?.data?.value;
    reader.push("r2", { "a.yaml": map("a", "2"), "b.yaml": undefined, "web.yaml": "kind: {" });
    await stabilize();
    assert.equal(await value(), "1");
    assert.deepEqual(await cluster.names(configMaps), ["a", "b"]);
    assert.match(said(), /^False ManifestInvalid at r2: web\.yaml:1:/);
    reader.push("r3", { "web.yaml": program("web", -1) });
    await stabilize();
    assert.equal(await value(), "1");
    assert.deepEqual(await cluster.names(configMaps), ["a", "b"]);
    assert.match(said(), /^False ApplyFailed at r3: web\.yaml:4: spec\.replicas: Invalid value: -1/);
    reader.push("r4", { "web.yaml": program("web", 2) });
    await stabilize();
    assert.equal(await value(), "2");
    assert.deepEqual(await cluster.names(configMaps), ["a"]);
    assert.equal((await cluster.process("default/web"))?.spec.replicas, 2);
  });

  it("leaves no more than an empty Namespace, when what is refused belongs there", async (t) => {
    const { cluster, reader, stabilize, said } = await setUp(t, hold);
    const shop = { "ns.yaml": namespace("shop"), "a.yaml": map("a", "1", "shop") };
    reader.push("r1", { ...shop, "b.yaml": map("b"), "web.yaml": program("web", -1, "shop") });
    await stabilize();
    assert.ok(await cluster.find(namespaces, "shop"));
    assert.deepEqual([...(await cluster.all(configMaps)), ...(await cluster.all(processes))], []);
    assert.match(said(), /^False ApplyFailed at r1: web\.yaml:4: spec\.replicas/);
    reader.push("r2", { "web.yaml": program("web", 1, "shop") });
    await stabilize();
    assert.deepEqual(await cluster.names(configMaps, "shop"), ["a"]);
    assert.deepEqual(await cluster.names(configMaps), ["b"]);
  });

  it("tells each thing once, about the Object that stands for it", async (t) => {
    const { cluster, reader, stabilize } = await setUp(t, hold);
    reader.push("r1", { "web.yaml": program("web", -1) });
    await stabilize();
    await stabilize();
    const told = (await cluster.all(events)).map(({ involvedObject, reason, count }) => [
      involvedObject.name,
      reason,
      count,
    ]);
    assert.deepEqual(told, [["pc1", "ApplyFailed", 1]]);
    assert.equal(findCondition((await cluster.all(nodes))[0]?.status?.conditions, "ManifestsSynced"), undefined);
  });
});

describe("a source that corrects what others change", () => {
  const correct = { besideInvalid: "Hold", drift: "Correct", limits: { few: 3, share: 0.3 } } as const;
  const merge = (body: object) => ({ type: "merge", body }) as const;

  it("brings back the fields that it declares, and leaves alone those that it does not", async (t) => {
    const { cluster, reader, sync } = await setUp(t, correct);
    reader.push("r1", { "a.yaml": map("a") });
    await sync();
    const before = await cluster.find(configMaps, "default/a");
    await sync();
    assert.equal(
      (await cluster.find(configMaps, "default/a"))?.metadata.resourceVersion,
      before?.metadata.resourceVersion,
    );
    const change = { data: { value: "by hand", other: "kept" } };
    await cluster.client.patch(configMaps, "default/a", merge(change), { fieldManager: "kubectl-edit" });
    await sync();
    assert.deepEqual((await cluster.find(configMaps, "default/a"))?.data, { value: "1", other: "kept" });
    reader.push("r2", { "a.yaml": map("a").replace("value", "renamed") });
    await sync();
    assert.deepEqual((await cluster.find(configMaps, "default/a"))?.data, { renamed: "1", other: "kept" });
  });

  it("leaves a paused Object alone, also when its manifest goes", async (t) => {
    const { cluster, reader, sync } = await setUp(t, correct);
    reader.push("r1", { "a.yaml": map("a"), "b.yaml": map("b") });
    await sync();
    const pause = { metadata: { annotations: { "wctl.dev/reconcile": "disabled" } }, data: { value: "by hand" } };
    await cluster.client.patch(configMaps, "default/a", merge(pause));
    reader.push("r2", { "a.yaml": map("a", "2") });
    await sync();
    reader.push("r3", { "a.yaml": undefined });
    await sync();
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "by hand");
  });

  it("takes no mark of its own from a manifest, and leaves alone what a manifest says is paused", async (t) => {
    const { cluster, reader, sync, said } = await setUp(t, correct);
    const marked = (text: string, mark: string) => text.replace("namespace:", `annotations: {${mark}}, namespace:`);
    const paused = (value: string) => marked(map("b", value), "wctl.dev/reconcile: disabled");
    reader.push("r1", { "a.yaml": marked(map("a"), 'wctl.dev/source-adopted: "true"'), "b.yaml": paused("1") });
    await sync();
    assert.deepEqual(await cluster.names(configMaps), ["a"]);
    const value = async () => (await cluster.find(configMaps, "default/b"))?.data?.value;
    reader.push("r2", { "a.yaml": undefined, "b.yaml": map("b", "2") });
    await sync();
    assert.deepEqual(await cluster.names(configMaps), ["b"], "what it has made is pruned");
    reader.push("r3", { "b.yaml": paused("3") });
    await sync();
    assert.deepEqual([await value(), said()], ["2", "True Synced at r3: all manifests of the shelf are applied"]);
    reader.push("r4", { "b.yaml": map("b", "4") });
    await sync();
    assert.equal(await value(), "4", "a repository that has paused it lets it go on");
  });

  it("lets go of what it has not made, instead of pruning it", async (t) => {
    const { cluster, reader, sync } = await setUp(t, correct);
    const mine = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "mine", namespace: "default" } } as const;
    await cluster.client.create(configMaps, { ...mine, data: { value: "0", other: "x" } });
    reader.push("r1", { "mine.yaml": map("mine"), "a.yaml": map("a") });
    await sync();
    await sync();
    assert.deepEqual((await cluster.find(configMaps, "default/mine"))?.data, { value: "1", other: "x" });
    reader.push("r2", { "mine.yaml": undefined, "a.yaml": undefined });
    await sync();
    assert.deepEqual(await cluster.names(configMaps), ["mine"]);
    const left = await cluster.find(configMaps, "default/mine");
    assert.deepEqual(
      [left?.metadata.labels, left?.metadata.annotations, left?.data?.value],
      [undefined, undefined, "1"],
    );
  });

  it("keeps a Namespace while something in it stays: declared still, paused, or there before the source", async (t) => {
    const { cluster, reader, sync, said } = await setUp(t, correct);
    reader.push("r1", {
      "n.yaml": namespace("shop"),
      "a.yaml": map("a", "1", "shop"),
      "b.yaml": map("b", "1", "shop"),
    });
    await sync();
    const mine = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "mine", namespace: "shop" } } as const;
    await cluster.client.create(configMaps, mine);
    // The daemon makes it in each Namespace.
    const account = { apiVersion: "v1", kind: "ServiceAccount" } as const;
    await cluster.client.create(serviceAccounts, { ...account, metadata: { name: "default", namespace: "shop" } });
    reader.push("r2", { "mine.yaml": map("mine", "1", "shop") });
    await sync();
    const goes = async () => (await cluster.find(namespaces, "shop"))?.metadata.deletionTimestamp !== undefined;
    reader.push("r3", { "n.yaml": undefined });
    await sync();
    assert.equal(await goes(), false);
    assert.match(said(), /^False PruneFailed at r3: namespace shop is not pruned, .*shop\/a, .*shop\/b.*shop\/mine/);
    const pause = { metadata: { annotations: { "wctl.dev/reconcile": "disabled" } } };
    await cluster.client.patch(configMaps, "shop/a", merge(pause));
    reader.push("r4", { "a.yaml": undefined, "b.yaml": undefined, "mine.yaml": undefined, "c.yaml": map("c") });
    await sync();
    assert.equal(await goes(), false);
    assert.deepEqual(await cluster.names(configMaps, "shop"), ["a", "mine"]);
    await cluster.client.delete(configMaps, "shop/a");
    await cluster.client.delete(configMaps, "shop/mine");
    await sync();
    assert.equal(await goes(), true);
  });

  it("applies nothing of a revision that stops or prunes too much, until it is confirmed", async (t) => {
    const { cluster, reader, sync, said } = await setUp(t, correct);
    const programs = (replicas: (n: number) => number) =>
      Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`p${n}.yaml`, program(`p${n}`, replicas(n))]));
    reader.push("r1", { ...programs(() => 1), "a.yaml": map("a"), "b.yaml": map("b") });
    await sync();
    reader.push("r2", { ...programs((n) => (n < 3 ? 0 : 1)), "a.yaml": map("a", "2"), "b.yaml": undefined });
    await sync();
    assert.match(said(), /^False PruneRefused at r2: 4 of 8 objects would be pruned or stopped at once/);
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "1");
    assert.equal((await cluster.process("default/p0"))?.spec.replicas, 1);
    reader.isPruneApproved = true;
    await sync();
    assert.match(said(), /^True Synced at r2/);
    assert.deepEqual(await cluster.names(configMaps), ["a"]);
    assert.equal((await cluster.process("default/p0"))?.spec.replicas, 0);
  });

  it("keeps what was applied last in force while nothing newer may be applied, and prunes nothing by it", async (t) => {
    const { cluster, reader, sync, said } = await setUp(t, correct);
    const good = { "a.yaml": map("a"), "b.yaml": map("b") };
    reader.push("r1", good);
    await sync();
    const disturb = async (): Promise<void> => {
      await cluster.client.delete(configMaps, "default/a");
      await cluster.client.patch(configMaps, "default/b", { type: "merge", body: { data: { value: "mine" } } });
      await sync();
    };
    const values = async () => {
      const found = await Promise.all(["a", "b", "c"].map((name) => cluster.find(configMaps, `default/${name}`)));
      return found.map((one) => one?.data?.value);
    };
    reader.appliedLast = good;
    reader.push("r2", { "a.yaml": map("a", "2"), "c.yaml": "kind: {" });
    await disturb();
    assert.deepEqual(await values(), ["1", "1", undefined]);
    assert.match(said(), /^False ManifestInvalid at r2: c\.yaml:1:8: /);
    reader.push("r3", { "c.yaml": map("c", "1", "nowhere") });
    await disturb();
    assert.deepEqual(await values(), ["1", "1", undefined]);
    assert.match(said(), /^False ApplyFailed at r3: c\.yaml:1: /);
    reader.appliedLast = { "b.yaml": map("b") };
    reader.push("r4", { "c.yaml": "kind: {" });
    await disturb();
    assert.deepEqual(await values(), [undefined, "1", undefined], "what it does not know is left as it is");
  });

  it("does not write what was applied last again, look after look", async (t) => {
    const { cluster, reader, sync } = await setUp(t, correct);
    reader.push("r1", { "a.yaml": map("a") });
    await sync();
    reader.appliedLast = { "a.yaml": map("a") };
    reader.push("r2", { "a.yaml": map("a", "2"), "bad.yaml": "kind: {" });
    await sync();
    const patch = t.mock.method(cluster.client, "patch");
    await sync();
    assert.equal(patch.mock.callCount(), 0);
  });

  it("brings back nothing that it cannot read any more as it was", async (t) => {
    const { cluster, reader, sync, said } = await setUp(t, correct);
    reader.push("r1", { "a.yaml": map("a") });
    await sync();
    reader.appliedLast = { "a.yaml": map("a"), "b.yaml": "kind: [" };
    reader.push("r2", { "a.yaml": "kind: {" });
    await cluster.client.delete(configMaps, "default/a");
    await sync();
    assert.equal(await cluster.find(configMaps, "default/a"), undefined);
    assert.match(said(), /^False ManifestInvalid at r2: a\.yaml:1:8: /);
  });

  it("never takes a field from another source", async (t) => {
    const { cluster, owner, reader, sync, said } = await setUp(t, correct);
    const other = open(cluster, "git.tools", owner, correct);
    reader.push("r1", { "a.yaml": map("a", "shop") });
    other.reader.push("r1", { "a.yaml": map("a", "tools") });
    await sync();
    await other.sync();
    await sync();
    assert.match(other.said(), /^False ManifestInvalid .*belongs to the source "git\.shop"/);
    assert.match(said(), /^True Synced/);
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "shop");
  });

  it("takes the fields that a source has let go of, or that somebody claims in the name of one", async (t) => {
    const { cluster, owner, reader, sync } = await setUp(t, correct);
    const other = open(cluster, "git.tools", owner, correct);
    const mine = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" } } as const;
    await cluster.client.create(configMaps, { ...mine, data: { value: "0" } });
    reader.push("r1", { "a.yaml": map("a", "shop"), "b.yaml": map("b") });
    await sync();
    reader.push("r2", { "a.yaml": undefined });
    await sync();
    other.reader.push("r1", { "a.yaml": map("a", "tools") });
    await other.sync();
    assert.match(other.said(), /^True Synced/);
    const value = async () => (await cluster.find(configMaps, "default/a"))?.data?.value;
    assert.equal(await value(), "tools");
    const body = { ...mine, data: { value: "claimed" } };
    const claim = { type: "apply", body, force: true } as const;
    await cluster.client.patch(configMaps, "default/a", claim, { fieldManager: "wctl-source-git.x.y" });
    await other.sync();
    assert.match(other.said(), /^True Synced/);
    assert.equal(await value(), "tools");
  });

  it("stands in with an earlier state, and says why", async (t) => {
    const { cluster, reader, sync, said } = await setUp(t, correct);
    reader.push("r1", { "a.yaml": map("a") });
    reader.problem = { reason: "FetchFailed", message: "no route to host", worthRetrying: true };
    assert.ok((await sync()) <= 1_000);
    assert.match(said(), /^False FetchFailed at r1: no route to host/);
    assert.deepEqual(await cluster.names(configMaps), ["a"]);
  });
});
