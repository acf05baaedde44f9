import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { findCondition } from "../../../api/conditions.ts";
import { configMaps, events, gitSources, namespaces, processes, scheme } from "../../../api/scheme.ts";
import type { GitSourceSpec } from "../../../api/types.generated.ts";
import { gitSourceIndexers } from "../../../controllers/git-source/keys.ts";
import { GitSourceReconciler, watchGitSources } from "../../../controllers/git-source/reconciler.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { settle } from "../../lib/fake-clock.ts";
import { Cluster } from "../../machinery/cluster.ts";
import { FakeGit } from "./fake-git.ts";

const map = (name: string, value = "1"): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;

/** Sources of one repository, each with a folder of its name; nobody is looked at again by himself within the hour. */
async function setUp(t: TestContext) {
  const cluster = await Cluster.open(t);
  const git = new FakeGit();
  const informer = cluster.informer(gitSources, gitSourceIndexers);
  const reconciler = new GitSourceReconciler({
    client: cluster.as("git-source"),
    writerOf: () => cluster.client,
    sources: informer.lister,
    folder: "/nowhere",
    openGit: () => git,
    resources: scheme,
    nodeName: "pc1",
    recorder: cluster.recorder,
    clock: cluster.clock,
    logger: silentLogger,
    random: () => 0.5,
  });
  watchGitSources(cluster.controller("git-source", reconciler), informer);
  t.after(() => reconciler.close());
  await cluster.start();
  return {
    cluster,
    git,
    make: (name: string, spec: Partial<GitSourceSpec> = {}, namespace = "default") =>
      cluster.client.create(gitSources, {
        apiVersion: "wctl.dev/v1",
        kind: "GitSource",
        metadata: { name, namespace },
        spec: { url: "https://git.example.com/fleet.git", interval: "1h", path: name, ...spec },
      }),
    change: (name: string, spec: object) =>
      cluster.client.patch(gitSources, `default/${name}`, { type: "merge", body: { spec } }),
    look: (name: string, at: string) =>
      cluster.client.patch(gitSources, `default/${name}`, {
        type: "merge",
        body: { metadata: { annotations: { "wctl.dev/reconcile-at": at } } },
      }),
    /** Until nothing happens any more, without an interval's time. */
    async ready(name: string): Promise<string> {
      for (let round = 0; round < 8; round++) {
        await settle();
        cluster.clock.advance(50);
        await settle();
      }
      await cluster.recorder.flush();
      const found = await cluster.find(gitSources, `default/${name}`);
      const ready = findCondition(found?.status?.conditions, "Ready");
      return `${ready?.status} ${ready?.reason}: ${ready?.message}`;
    },
    contentOf: async (name: string) => (await cluster.find(configMaps, `default/${name}`))?.data?.value,
  };
}

describe("a GitSource that depends on another", () => {
  it("is applied when that is ready, and not before", async (t) => {
    const { cluster, git, make, ready } = await setUp(t);
    git.push({ "web/w.yaml": map("w"), "base/b.yaml": map("b") });
    await make("web", { dependsOn: [{ name: "base" }] });
    assert.equal(await ready("web"), "False DependencyNotReady: gitsource default/base is not there");
    assert.deepEqual(await cluster.names(configMaps), []);
    assert.equal(git.remotes.length, 0, "the repository need not be asked meanwhile");
    await make("base");
    assert.match(await ready("web"), /^True Applied/);
    assert.deepEqual(await cluster.names(configMaps), ["b", "w"]);
  });

  it("waits for all of a chain, and says no more of each than it must", async (t) => {
    const { git, make, look, ready } = await setUp(t);
    git.push({ "a/a.yaml": map("a"), "b/b.yaml": map("b"), "c/c.yaml": "kind: {" });
    await make("a", { dependsOn: [{ name: "b" }] });
    await make("b", { dependsOn: [{ name: "c" }] });
    await make("c");
    assert.equal(
      await ready("a"),
      "False DependencyNotReady: gitsource default/b is not ready: it waits for others itself",
    );
    assert.match(
      await ready("b"),
      /^False DependencyNotReady: gitsource default\/c is not ready: c\/c\.yaml:1:8: [^\n]*$/,
    );
    git.push({ "a/a.yaml": map("a"), "b/b.yaml": map("b"), "c/c.yaml": map("c") });
    await look("c", "now");
    assert.match(await ready("a"), /^True Applied/);
  });

  it("keeps what it applied last while the other is not ready, whatever is pushed or deleted, and tries no more often", async (t) => {
    const { cluster, git, make, change, look, ready, contentOf } = await setUp(t);
    git.push({ "web/w.yaml": map("w"), "base/b.yaml": map("b") });
    await make("base");
    await make("web", { dependsOn: [{ name: "base" }] });
    assert.match(await ready("web"), /^True/);
    git.push({ "web/w.yaml": map("w", "2"), "base/b.yaml": "kind: {" });
    await look("base", "now");
    assert.match(
      await ready("web"),
      /^False DependencyNotReady: gitsource default\/base is not ready: base\/b\.yaml:1:8: .*\. What was applied last stays: main@sha1:[0-9a-f]{7}$/,
    );
    await cluster.client.delete(configMaps, "default/w");
    await look("web", "now");
    await ready("web");
    assert.equal(await contentOf("w"), "1", "it is enforced, and nothing new is applied");
    const asked = git.remotes.length;
    cluster.clock.advance(120_000);
    await ready("web");
    assert.equal(git.remotes.length, asked, "nobody is asked again meanwhile");
    git.push({ "web/w.yaml": map("w", "3"), "base/b.yaml": map("b", "3") });
    await look("base", "again");
    assert.match(await ready("web"), /^True/);
    assert.deepEqual([await contentOf("b"), await contentOf("w")], ["3", "3"]);
    const messages = (await cluster.all(events)).map(({ message = "" }) => message);
    const told = messages.filter((message) => message.startsWith("gitsource default/base is not ready: base/b.yaml"));
    assert.equal(told.length, 1, "an Event tells it once");
    await change("web", { dependsOn: null });
    assert.match(await ready("web"), /^True/);
  });

  it("is applied after that when one commit changes both, whichever is looked at first", async (t) => {
    const { git, make, look, ready, contentOf } = await setUp(t);
    git.push({ "web/w.yaml": map("w"), "base/b.yaml": map("b") });
    await make("base");
    await make("web", { dependsOn: [{ name: "base" }] });
    await ready("web");
    const bad = git.push({ "web/w.yaml": map("w", "2"), "base/b.yaml": "kind: {" });
    await look("web", "now");
    assert.match(await ready("web"), /^False DependencyNotReady: .*base\/b\.yaml:1:8/);
    assert.match(await ready("base"), new RegExp(`of main@sha1:${bad.slice(0, 7)}`), "it was looked at for the other");
    assert.equal(await contentOf("w"), "1");
    git.push({ "web/w.yaml": map("w", "3"), "base/b.yaml": map("b", "3") });
    await look("base", "now");
    assert.match(await ready("web"), /^True/);
    assert.deepEqual([await contentOf("b"), await contentOf("w")], ["3", "3"]);
    git.push({ "web/w.yaml": map("w", "4"), "base/b.yaml": map("b", "4") });
    await look("web", "again");
    assert.match(await ready("web"), /^True/);
    assert.deepEqual([await contentOf("b"), await contentOf("w")], ["4", "4"]);
  });

  it("says which revision it waits for, and takes one that follows another ref as it is", async (t) => {
    const { cluster, git, make, look, ready, contentOf } = await setUp(t);
    git.push({ "web/w.yaml": map("w"), "base/b.yaml": map("b"), "free/f.yaml": map("f") });
    await make("base");
    await make("web", { dependsOn: [{ name: "base" }] });
    await make("free", { dependsOn: [{ name: "base" }], ref: { branch: "main" } });
    await ready("web");
    const commit = git.push({
      "web/w.yaml": map("w", "2"),
      "base/b.yaml": map("b", "2"),
      "free/f.yaml": map("f", "2"),
    });
    await look("free", "now");
    assert.match(await ready("free"), /^True/);
    assert.deepEqual([await contentOf("f"), await contentOf("b")], ["2", "1"], "nobody looked at the other");
    await look("web", "now");
    await ready("web");
    const messages = (await cluster.all(events)).map(({ message = "" }) => message);
    const behind = `gitsource default/base is not ready: it has not applied main@sha1:${commit.slice(0, 7)} yet`;
    assert.equal(messages.filter((message) => message.startsWith(behind)).length, 1);
  });

  it("applies nothing of a changed spec meanwhile, and leaves what was applied with the earlier one", async (t) => {
    const { cluster, git, make, change, look, ready } = await setUp(t);
    const good = { "web/w.yaml": map("w"), "other/o.yaml": map("o") };
    git.push({ ...good, "base/b.yaml": map("b") });
    await make("base");
    await make("web", { dependsOn: [{ name: "base" }] });
    await ready("web");
    git.push({ ...good, "base/b.yaml": "kind: {" });
    await look("base", "now");
    await change("web", { path: "other" });
    assert.match(
      await ready("web"),
      /^False DependencyNotReady: .*\. What was applied with an earlier spec is left as it is$/,
    );
    await look("web", "again");
    await ready("web");
    assert.deepEqual(await cluster.names(configMaps), ["b", "w"]);
    git.push({ ...good, "base/b.yaml": map("b") });
    await look("base", "again");
    assert.match(await ready("web"), /^True/);
    assert.deepEqual(await cluster.names(configMaps), ["b", "o"]);
  });

  it("goes on with one that was suspended while it was ready", async (t) => {
    const { git, make, change, look, ready, contentOf } = await setUp(t);
    git.push({ "web/w.yaml": map("w"), "base/b.yaml": map("b") });
    await make("base");
    await make("web", { dependsOn: [{ name: "base" }] });
    await ready("web");
    await change("base", { suspend: true });
    git.push({ "web/w.yaml": map("w", "2") });
    await look("web", "now");
    assert.match(await ready("web"), /^True/);
    assert.equal(await contentOf("w"), "2");
  });

  it("is told of a cycle, which stalls both, until one of them is changed", async (t) => {
    const { cluster, git, make, change, ready } = await setUp(t);
    git.push({ "a/a.yaml": map("a"), "b/b.yaml": map("b") });
    await make("a", { dependsOn: [{ name: "b" }] });
    await make("b", { dependsOn: [{ name: "a" }] });
    const cycle = "False DependencyCycle: spec.dependsOn forms a cycle: default/";
    assert.ok((await ready("a")).startsWith(`${cycle}a -> default/b -> default/a;`));
    assert.ok((await ready("b")).startsWith(`${cycle}b -> default/a -> default/b;`));
    const { status } = (await cluster.find(gitSources, "default/a"))!;
    assert.equal(findCondition(status?.conditions, "Stalled")?.status, "True");
    assert.deepEqual(await cluster.names(configMaps), []);
    await change("b", { dependsOn: null });
    assert.match(await ready("a"), /^True/);
    assert.deepEqual(await cluster.names(configMaps), ["a", "b"]);
  });

  it("may depend on one of another namespace, whose words it does not tell", async (t) => {
    const { cluster, git, make, ready } = await setUp(t);
    await cluster.client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "ops" } });
    git.push({ "web/w.yaml": map("w"), "base/b.yaml": "kind: {" });
    await make("base", {}, "ops");
    await make("web", { dependsOn: [{ name: "base", namespace: "ops" }] });
    assert.equal(await ready("web"), "False DependencyNotReady: gitsource ops/base is not ready");
  });

  it("waits until what it depends on is healthy, where that waits for its health", async (t) => {
    const { cluster, git, make, ready } = await setUp(t);
    const web = "apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: web}\nspec: {command: /bin/true}\n";
    git.push({ "base/web.yaml": web, "shop/map.yaml": map("shop") });
    await make("base", { wait: true });
    await make("shop", { dependsOn: [{ name: "base" }] });
    assert.match(await ready("base"), /^Unknown Progressing/);
    assert.match(
      await ready("shop"),
      /^False DependencyNotReady: gitsource default\/base is not ready: applied main@sha1:/,
    );
    assert.deepEqual(await cluster.names(configMaps), []);
    const current = await cluster.client.get(processes, "default/web");
    const status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1, phase: "Running" };
    await cluster.client.updateStatus(processes, { ...current, status });
    assert.match(await ready("base"), /^True/);
    assert.match(await ready("shop"), /^True/);
    assert.deepEqual(await cluster.names(configMaps), ["shop"]);
  });
});
