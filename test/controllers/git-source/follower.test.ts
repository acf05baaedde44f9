import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Stored } from "../../../api/object.ts";
import { configMaps, gitSources, scheme } from "../../../api/scheme.ts";
import type { GitSource } from "../../../api/types.generated.ts";
import { YamlThread } from "../../../api/yaml/yaml-thread.ts";
import { Follower } from "../../../controllers/git-source/follower.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { eventually } from "../../eventually.ts";
import { Cluster } from "../../machinery/cluster.ts";
import { FakeGit } from "./fake-git.ts";
import { map } from "./fleet.ts";

/** A follower of a source whose repository has a manifest in each of two folders. `newer`: what the cache says of the source. */
async function follow(t: TestContext, newer: (source: Stored<GitSource>) => Stored<GitSource>) {
  const cluster = await Cluster.open(t);
  await cluster.start();
  const git = new FakeGit();
  git.push({ "here/a.yaml": map("a"), "elsewhere/b.yaml": map("b") });
  const source = await cluster.client.create(gitSources, {
    apiVersion: "wctl.dev/v1",
    kind: "GitSource",
    metadata: { name: "fleet", namespace: "default" },
    spec: { url: "https://git.example.com/fleet.git", path: "here" },
  });
  await cluster.client.patch(gitSources, "default/fleet", { type: "merge", body: { spec: { path: "elsewhere" } } });
  const yaml = new YamlThread(cluster.clock);
  const follower = new Follower(source, {
    source: () => newer(source),
    sources: { get: () => undefined },
    git,
    yaml,
    client: cluster.as("git-source"),
    writer: cluster.client,
    resources: scheme,
    nodeName: "pc1",
    recorder: cluster.recorder,
    clock: cluster.clock,
    logger: silentLogger,
    random: () => 0.5,
  });
  t.after(async () => {
    await follower.stop();
    yaml.close();
  });
  follower.start();
  const find = async () => (await cluster.find(gitSources, "default/fleet"))?.status;
  const status = await eventually(find, "its status is written");
  return { cluster, status };
}

describe("whoever follows a GitSource with one spec", () => {
  it("says its status of that spec, and not of one that was written meanwhile", async (t) => {
    const { status } = await follow(t, (source) => source); // The cache has not seen the change.
    assert.equal(status?.observedGeneration, 1);
    assert.deepEqual(new Set(status?.conditions?.map(({ observedGeneration }) => observedGeneration)), new Set([1]));
  });

  it("applies nothing of another spec: that is in the name of another account, maybe, or in other limits", async (t) => {
    const { cluster } = await follow(t, (source) => ({
      ...source,
      metadata: { ...source.metadata, generation: 2 },
      spec: { ...source.spec, path: "elsewhere" },
    }));
    assert.deepEqual(await cluster.names(configMaps), ["a"]);
  });
});
