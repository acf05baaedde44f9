import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { declarable } from "../../../api/apply/declarable.ts";
import type { SourceChange } from "../../../api/git/source-diff.ts";
import type { Stored } from "../../../api/object.ts";
import { configMaps, events, namespaces, nodes, scheme } from "../../../api/scheme.ts";
import { type DrySyncOptions, drySync } from "../../../controllers/source/dry-sync.ts";
import { Source } from "../../../controllers/source/source.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { Cluster } from "../../machinery/cluster.ts";
import { identity, MemoryReader } from "./memory-reader.ts";

const map = (name: string, value = "1", namespace = "default"): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}}\ndata: {value: "${value}"}\n`;
const namespace = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;
const signal = new AbortController().signal;
const limits = { few: 3, share: 0.3 };

async function setUp(t: TestContext) {
  const cluster = await Cluster.open(t);
  const { client } = cluster;
  const reader = new MemoryReader();
  const owner = await client.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name: "pc1" } });
  const shared = { client, overview: client, source: identity("git.fleet"), limits, prunes: true };
  const source = new Source({
    ...shared,
    resources: scheme,
    reader,
    target: { object: owner as Stored, setCondition: async () => {} },
    besideInvalid: "Hold",
    drift: "Correct",
    resyncMs: () => 300_000,
    clock: cluster.clock,
    recorder: cluster.recorder,
    logger: silentLogger,
  });
  const changed = ({ action, resource, name, file, line }: SourceChange): string =>
    `${action} ${resource.kind} ${name} ${file}${line === undefined ? "" : `:${line}`}`;
  const diff = async (options: Partial<DrySyncOptions> = {}) => {
    const dry = { ...shared, resources: declarable(scheme), isKnown: true, ...options };
    return drySync(await reader.read(), dry, signal);
  };
  return {
    cluster,
    reader,
    sync: () => source.sync(signal),
    diff,
    /** In words, without what would stay as it is. */
    async said(options: Partial<DrySyncOptions> = {}): Promise<string[]> {
      const { changes, findings } = await diff(options);
      const found = changes.filter(({ action }) => action !== "Unchanged").map(changed);
      return [...found, ...findings.map(({ reason, message }) => `${reason}: ${message}`)];
    },
    /** All that is stored, with its versions. */
    async stored(): Promise<string> {
      await cluster.recorder.flush();
      const lists = await Promise.all(scheme.map((resource) => client.list(resource)));
      return JSON.stringify(lists.map(({ items }) => items.map(({ metadata }) => [metadata.uid, metadata])));
    },
  };
}

describe("a dry sync", () => {
  it("tells what would be created, changed and pruned, and writes nothing", async (t) => {
    const { cluster, reader, sync, said, diff, stored } = await setUp(t);
    reader.push("r1", { "a.yaml": map("a"), "b.yaml": map("b"), "c.yaml": map("c") });
    await sync();
    assert.deepEqual(await said(), []);
    reader.push("r2", { "a.yaml": map("a", "2"), "b.yaml": undefined, "d.yaml": `---\n${map("d")}` });
    const before = await stored();
    assert.deepEqual(await said(), [
      "Configure ConfigMap a a.yaml:1",
      "Create ConfigMap d d.yaml:2",
      "Prune ConfigMap b b.yaml",
    ]);
    assert.equal(await stored(), before);
    const { changes } = await diff();
    const values = changes.map(({ before, after }) => [before, after].map((one) => (one as { data?: object })?.data));
    assert.deepEqual(values[0], [{ value: "1" }, { value: "2" }]);
    await sync();
    assert.deepEqual(await cluster.names(configMaps), ["a", "c", "d"]);
    assert.deepEqual(await said(), []);
  });

  it("sees what somebody has changed since, and leaves what is paused", async (t) => {
    const { cluster, reader, sync, said } = await setUp(t);
    reader.push("r1", { "a.yaml": map("a"), "b.yaml": map("b") });
    await sync();
    const patch = (key: string, body: object) => cluster.client.patch(configMaps, key, { type: "merge", body });
    await patch("default/a", { data: { value: "9" } });
    await patch("default/b", { data: { value: "9" }, metadata: { annotations: { "wctl.dev/reconcile": "disabled" } } });
    assert.deepEqual(await said(), ["Configure ConfigMap a a.yaml:1"]);
  });

  it("has nothing to change where something is invalid or refused: nothing would be applied", async (t) => {
    const { reader, said } = await setUp(t);
    reader.push("r1", { "a.yaml": map("a"), "bad.yaml": "kind: {" });
    assert.match((await said()).join("\n"), /^ManifestInvalid: bad\.yaml:1:8: .*$/s);
    reader.push("r2", { "bad.yaml": `${map("b")}immutable: 7\n` });
    const [refused, ...others] = await said();
    assert.match(refused ?? "", /^ApplyFailed: bad\.yaml:5: immutable: /);
    assert.deepEqual(others, []);
    reader.push("r3", { "bad.yaml": map("b", "1", "nowhere") });
    assert.match((await said()).join("\n"), /^ApplyFailed: bad\.yaml:1: namespaces "nowhere" not found$/);
  });

  it("shows what belongs to a new namespace as it is declared, after the namespace", async (t) => {
    const { cluster, reader, said } = await setUp(t);
    reader.push("r1", { "a.yaml": map("a", "1", "shop"), "n.yaml": namespace("shop") });
    assert.deepEqual(await said(), ["Create Namespace shop n.yaml:1", "Create ConfigMap a a.yaml:1"]);
    assert.equal((await cluster.names(namespaces)).includes("shop"), false);
  });

  it("lists what the brake would hold, and why", async (t) => {
    const { reader, sync, said } = await setUp(t);
    const many = Object.fromEntries(Array.from({ length: 5 }, (_, at) => [`m${at}.yaml`, map(`m${at}`)]));
    reader.push("r1", { ...many, "a.yaml": map("a") });
    await sync();
    reader.push("r2", Object.fromEntries(Object.keys(many).map((name) => [name, undefined])));
    const found = await said();
    assert.equal(found.filter((one) => one.startsWith("Prune ConfigMap m")).length, 5);
    assert.match(found.at(-1) ?? "", /^PruneRefused: 5 of 6 objects would be pruned at once/);
    reader.isPruneApproved = true;
    assert.equal((await said()).length, 5);
    reader.isPruneApproved = false;
    assert.deepEqual(await said({ prunes: false }), []);
    reader.push("r3", { "a.yaml": undefined });
    assert.match((await said({ isKnown: false })).at(-1) ?? "", /^PruneRefused: the shelf has no manifests/);
  });

  it("lets go of what was there before the source, and keeps a namespace with what others made", async (t) => {
    const { cluster, reader, sync, said } = await setUp(t);
    await cluster.client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "found" } });
    reader.push("r1", { "found.yaml": map("found"), "n.yaml": namespace("shop") });
    await sync();
    const metadata = { name: "theirs", namespace: "shop" };
    await cluster.client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata });
    reader.push("r2", { "found.yaml": undefined, "n.yaml": undefined, "a.yaml": map("a") });
    const found = await said();
    assert.deepEqual(found.slice(0, 2), ["Create ConfigMap a a.yaml:1", "Release ConfigMap found found.yaml"]);
    assert.match(found[2] ?? "", /^PruneFailed: namespace shop is not pruned, because it holds .*shop\/theirs/);
  });

  it("tells of nothing: no Event says that somebody has looked", async (t) => {
    const { cluster, reader, said } = await setUp(t);
    reader.push("r1", { "bad.yaml": "kind: {" });
    await said();
    await cluster.recorder.flush();
    assert.deepEqual((await cluster.client.list(events)).items, []);
  });
});
