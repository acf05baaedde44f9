import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { SourceDiff } from "../../../../api/git/source-diff.ts";
import type { Stored } from "../../../../api/object.ts";
import { configMaps, gitSources, namespaces, scheme } from "../../../../api/scheme.ts";
import type { GitSource, GitSourceSpec } from "../../../../api/types.generated.ts";
import { SourceDiffs } from "../../../../controllers/git-source/diff/source-diffs.ts";
import { GitError } from "../../../../git/git-error.ts";
import { silentLogger } from "../../../../lib/logger.ts";
import { Cluster } from "../../../machinery/cluster.ts";
import { FakeGit } from "../fake-git.ts";

const map = (name: string, value = "1"): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;
const signal = new AbortController().signal;

async function setUp(t: TestContext) {
  const cluster = await Cluster.open(t);
  const git = new FakeGit();
  const copies: string[] = [];
  const informer = cluster.informer(gitSources);
  await cluster.start();
  const diffs = new SourceDiffs({
    client: cluster.as("git-source"),
    writerOf: () => cluster.client,
    sources: informer.lister,
    folder: "/nowhere",
    openGit: (folder) => {
      copies.push(folder);
      return git;
    },
    resources: scheme,
    nodeName: "pc1",
    clock: cluster.clock,
    logger: silentLogger,
    isKnown: () => true,
  });
  t.after(() => diffs.close());
  const make = (spec: Partial<GitSourceSpec> = {}, namespace = "default"): Promise<Stored<GitSource>> =>
    cluster.client.create(gitSources, {
      apiVersion: "wctl.dev/v1",
      kind: "GitSource",
      metadata: { name: "fleet", namespace },
      spec: { url: "https://git.example.com/fleet.git", ...spec },
    });
  return { cluster, git, copies, diffs, make };
}

const said = ({ revision, changes, findings }: SourceDiff): unknown[] => [
  revision?.replace(/^(.*sha1:.{7}).*$/, "$1"),
  ...changes.map(({ action, name, file, line }) => `${action} ${name} ${file}:${line}`),
  ...findings.map(({ reason, message }) => `${reason}: ${message}`),
];

describe("what a GitSource would change", () => {
  it("is worked out of a suspended one too, from a copy of its own", async (t) => {
    const { cluster, git, copies, diffs, make } = await setUp(t);
    const commit = git.push({ "hosts/pc1/a.yaml": map("a"), "hosts/pc2/b.yaml": map("b") });
    const source = await make({ path: `hosts/\${node.name}`, suspend: true });
    assert.deepEqual(said(await diffs.diffOf(source, {}, signal)), [
      `main@sha1:${commit.slice(0, 7)}`,
      "Create a hosts/pc1/a.yaml:1",
    ]);
    assert.deepEqual(await cluster.names(configMaps), []);
    assert.equal(
      (await cluster.find(gitSources, "default/fleet"))?.metadata.resourceVersion,
      source.metadata.resourceVersion,
    );
    assert.ok(copies[0]?.endsWith(`${source.metadata.uid}.diff`));
    assert.equal(git.isClosed, true);
  });

  it("is that of another commit, if one is named", async (t) => {
    const { git, diffs, make } = await setUp(t);
    const first = git.push({ "a.yaml": map("a") });
    git.push({ "b.yaml": map("b") });
    const source = await make({ ref: { branch: "main" } });
    const [revision, ...rest] = said(await diffs.diffOf(source, { commit: first }, signal));
    assert.match(String(revision), new RegExp(`sha1:${first.slice(0, 7)}`));
    assert.deepEqual(rest, ["Create a a.yaml:1"]);
    assert.deepEqual(said(await diffs.diffOf(source, {}, signal)).slice(1), ["Create b b.yaml:1"]);
  });

  it("is that of the ref also while the source is rolled back", async (t) => {
    const { cluster, git, diffs, make } = await setUp(t);
    const first = git.push({ "a.yaml": map("a") });
    git.push({ "b.yaml": map("b") });
    await make({ suspend: true });
    const metadata = { annotations: { "wctl.dev/rollback-to": first } };
    const source = await cluster.client.patch(gitSources, "default/fleet", { type: "merge", body: { metadata } });
    assert.deepEqual(said(await diffs.diffOf(source, {}, signal)).slice(1), ["Create b b.yaml:1"]);
  });

  it("is why it cannot be had, and not what was applied last in its place", async (t) => {
    const { cluster, git, diffs, make } = await setUp(t);
    const commit = git.push({ "a.yaml": map("a") });
    const made = await make();
    const status = { lastAppliedRevision: `main@sha1:${commit}` };
    const source = await cluster.client.updateStatus(gitSources, { ...made, status });
    git.failure = new GitError("FetchFailed", "it is away");
    assert.deepEqual(said(await diffs.diffOf(source, {}, signal)), [undefined, "FetchFailed: it is away"]);
  });

  it("is told of a source that waits for another, with that it waits", async (t) => {
    const { git, diffs, make } = await setUp(t);
    git.push({ "a.yaml": map("a") });
    const source = await make({ dependsOn: [{ name: "base" }] });
    assert.deepEqual(said(await diffs.diffOf(source, {}, signal)).slice(1), [
      "Create a a.yaml:1",
      "DependencyNotReady: gitsource default/base is not there",
    ]);
  });

  it("is worked out once at a time for each namespace, and for three at most", async (t) => {
    const { cluster, git, diffs, make } = await setUp(t);
    git.push({ "a.yaml": map("a") });
    const homes = ["a", "b", "c", "d"];
    for (const name of homes)
      await cluster.client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    const sources = await Promise.all(homes.map((home) => make({}, home)));
    const one = sources[0]!;
    const held = Promise.withResolvers<void>();
    const { resolve } = git;
    git.resolve = async (...asked) => {
      await held.promise;
      return resolve.apply(git, asked);
    };
    const refused = (source: Stored<GitSource>) =>
      assert.rejects(diffs.diffOf(source, {}, signal), { reason: "TooManyRequests" });
    const first = diffs.diffOf(one, {}, signal);
    await refused(one);
    const others = sources.slice(1, 3).map((source) => diffs.diffOf(source, {}, signal));
    await refused(sources[3]!);
    held.resolve();
    await Promise.all([first, ...others]);
    assert.equal((await diffs.diffOf(one, {}, signal)).changes.length, 1);
    assert.deepEqual(await cluster.names(configMaps), []);
  });

  it("ends when nobody waits for it any more, and when the daemon stops", async (t) => {
    const { git, diffs, make } = await setUp(t);
    const source = await make();
    git.resolve = async (_remote, _ref, _ms?: number, given?: AbortSignal) => {
      given?.throwIfAborted();
      return new Promise((_, reject) => given?.addEventListener("abort", () => reject(given.reason)));
    };
    const gone = new AbortController();
    const left = diffs.diffOf(source, {}, gone.signal);
    gone.abort(new Error("they have gone"));
    await assert.rejects(left, /they have gone/);
    const open = diffs.diffOf(source, {}, signal);
    await Promise.all([assert.rejects(open, { reason: "ServiceUnavailable" }), diffs.close()]);
    await assert.rejects(diffs.diffOf(source, {}, signal), { reason: "ServiceUnavailable" });
  });
});
