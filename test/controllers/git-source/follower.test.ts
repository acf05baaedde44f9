import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gitSources, scheme } from "../../../api/scheme.ts";
import { YamlThread } from "../../../api/yaml/yaml-thread.ts";
import { Follower } from "../../../controllers/git-source/follower.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { eventually } from "../../eventually.ts";
import { Cluster } from "../../machinery/cluster.ts";
import { FakeGit } from "./fake-git.ts";

describe("the status of a GitSource", () => {
  it("is said of the spec that was looked at, and not of one that was written meanwhile", async (t) => {
    const cluster = await Cluster.open(t);
    await cluster.start();
    const git = new FakeGit();
    git.push({ "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" });
    const source = await cluster.client.create(gitSources, {
      apiVersion: "wctl.dev/v1",
      kind: "GitSource",
      metadata: { name: "fleet", namespace: "default" },
      spec: { url: "https://git.example.com/fleet.git" },
    });
    await cluster.client.patch(gitSources, "default/fleet", { type: "merge", body: { spec: { path: "elsewhere" } } });
    const yaml = new YamlThread(cluster.clock);
    const follower = new Follower(source, {
      source: () => source, // The cache has not seen the change.
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
    const status = await eventually(
      async () => (await cluster.find(gitSources, "default/fleet"))?.status,
      "its status is written",
    );
    assert.equal(status?.observedGeneration, 1);
    assert.deepEqual(new Set(status?.conditions?.map(({ observedGeneration }) => observedGeneration)), new Set([1]));
  });
});
