import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { configMaps, events, secrets } from "../../../api/scheme.ts";
import type { GitSource, GitSourceStatus } from "../../../api/types.generated.ts";
import { isRollbackDue, rollbackOf } from "../../../controllers/git-source/rollback.ts";
import { GitError } from "../../../git/git-error.ts";
import { eventually } from "../../eventually.ts";
import { recordingServer } from "./commit-status/recording-server.ts";
import { map, setUp } from "./fleet.ts";

const [A, B] = ["a", "b"].map((digit) => digit.repeat(40)) as [string, string];

describe("what a suspended source goes back to", () => {
  const source = (annotations: Record<string, string>, suspend: boolean, status: GitSourceStatus = {}): GitSource => ({
    apiVersion: "wctl.dev/v1",
    kind: "GitSource",
    metadata: { name: "fleet", annotations },
    spec: { url: "https://git.example.com/x.git", suspend },
    status,
  });
  const back = { "wctl.dev/rollback-to": A };
  const entry = (name: string, commit: string) => ({ revision: `${name}@sha1:${commit}`, appliedAt: "" });
  const ready = (status: "True" | "False") => ({
    conditions: [{ type: "Ready", status, reason: "", message: "", lastTransitionTime: "" }],
  });

  it("has the name by which it was applied last, or none", () => {
    assert.equal(rollbackOf(source(back, false)), undefined);
    assert.equal(rollbackOf(source({}, true)), undefined);
    assert.deepEqual(rollbackOf(source(back, true)), { name: "", commit: A });
    const history = [entry("main", B), entry("v2", A), entry("v1", A)];
    assert.deepEqual(rollbackOf(source(back, true, { history })), { name: "v2", commit: A });
  });

  it("is due until it is applied, and again when somebody asks again", () => {
    const applied = { lastAppliedRevision: `sha1:${A}`, ...ready("True") };
    const cases: [isDue: boolean, annotations: Record<string, string>, suspend: boolean, status: GitSourceStatus][] = [
      [true, back, true, {}],
      [true, back, true, { ...applied, lastAppliedRevision: `main@sha1:${B}` }],
      [true, back, true, { ...applied, ...ready("False") }],
      [true, { ...back, "wctl.dev/reconcile-at": "later" }, true, { ...applied, lastHandledReconcileAt: "once" }],
      [false, { ...back, "wctl.dev/reconcile-at": "once" }, true, { ...applied, lastHandledReconcileAt: "once" }],
      [false, back, true, applied],
      [false, back, false, {}],
      [false, {}, true, {}],
    ];
    for (const [isDue, ...rest] of cases) assert.equal(isRollbackDue(source(...rest)), isDue, JSON.stringify(rest));
  });
});

/** Two revisions were applied: a=1 beside b=1, then a=2. */
async function appliedTwice(t: TestContext) {
  const fleet = await setUp(t);
  const { cluster, git, apply, pass, patch } = fleet;
  const first = git.push({ "a.yaml": map("a"), "b.yaml": map("b") });
  await apply();
  await pass();
  const second = git.push({ "a.yaml": map("a", "2"), "b.yaml": map("b") });
  assert.match(await pass(11_000), /^True/);
  const goBack = (commit: string, at = "1") =>
    patch({
      spec: { suspend: true },
      metadata: { annotations: { "wctl.dev/rollback-to": commit, "wctl.dev/reconcile-at": at } },
    });
  const value = async (name = "a") => (await cluster.find(configMaps, `default/${name}`))?.data?.value;
  return { ...fleet, first, second, goBack, value };
}

describe("a GitSource that is rolled back", () => {
  it("applies that commit once, tells of it, and is left alone until it is resumed", async (t) => {
    const { cluster, git, find, pass, patch, restart, first, second, goBack, value } = await appliedTwice(t);
    await goBack(first);
    assert.match(await pass(), /^True RolledBack: rolled back to main@sha1:[0-9a-f]{7}$/);
    assert.equal(await value(), "1");
    const { status, metadata } = await find();
    assert.equal(status?.lastAppliedRevision, `main@sha1:${first}`);
    assert.equal(status?.lastHandledReconcileAt, "1");
    assert.deepEqual(
      status?.history?.map(({ revision }) => revision),
      [first, second, first].map((commit) => `main@sha1:${commit}`),
    );
    const told = (await cluster.all(events)).filter(({ reason }) => reason === "RolledBack");
    assert.deepEqual(
      told.map(({ message, count }) => [message, count]),
      [[`rolled back to main@sha1:${first.slice(0, 7)}`, 1]],
    );
    const asked = git.asked;
    git.push({ "a.yaml": map("a", "3") });
    await cluster.client.delete(configMaps, "default/b");
    await restart();
    await pass(3_700_000);
    assert.deepEqual([await value(), await value("b"), git.asked], ["1", undefined, asked]);
    assert.equal((await find()).metadata.resourceVersion, metadata.resourceVersion, "nothing is written any more");
    await patch({ spec: { suspend: false } });
    assert.match(await pass(), /^True Applied/);
    assert.equal(await value(), "3");
    await patch({ spec: { suspend: true } });
    git.push({ "a.yaml": map("a", "4") });
    await pass(3_700_000);
    assert.equal(await value(), "3", "a later suspension goes back to nothing");
  });

  it("needs no network for a commit that the local copy has; for another it waits, over a restart, and may be sent elsewhere", async (t) => {
    const { git, find, pass, restart, first, second, goBack, value } = await appliedTwice(t);
    const never = git.push({ "a.yaml": map("a", "9") });
    git.failure = new GitError("FetchFailed", "no route to host");
    await goBack(first);
    assert.match(await pass(), /^True RolledBack/);
    assert.equal(await value(), "1");
    await goBack(never, "2");
    assert.match(await pass(), /^False FetchFailed: no route to host$/);
    await restart();
    assert.match(await pass(61_000), /^False FetchFailed: no route to host$/);
    assert.equal(await value(), "1");
    git.failure = undefined;
    assert.match(await pass(61_000), /^True RolledBack: rolled back to sha1:/);
    assert.equal(await value(), "9");
    git.failure = new GitError("FetchFailed", "no route to host");
    await goBack("0".repeat(40), "3");
    await pass();
    await goBack(second, "4");
    assert.match(await pass(), /^True RolledBack: rolled back to main@sha1:/);
    assert.deepEqual([await value(), (await find()).status?.lastHandledReconcileAt], ["2", "4"]);
  });

  it("is held by an invalid manifest, and what is applied is left alone then", async (t) => {
    const { cluster, git, pass, second, goBack, value } = await appliedTwice(t);
    const bad = git.push({ "a.yaml": map("a", "3"), "bad.yaml": "kind: {" });
    await pass(11_000);
    await goBack(bad);
    assert.match(
      await pass(),
      /^False ManifestInvalid: bad\.yaml:1:8: .*\n\(of sha1:[0-9a-f]{7}; main@sha1:[0-9a-f]{7} stays\)$/,
    );
    await cluster.client.delete(configMaps, "default/b");
    await pass(61_000);
    assert.deepEqual([await value(), await value("b")], ["2", undefined]);
    await goBack(second, "2");
    assert.match(await pass(), /^True RolledBack/);
    assert.deepEqual(
      [await value(), await value("b")],
      ["2", "1"],
      "to go back to the present one brings it back once",
    );
  });

  it("must be signed by a key that is trusted now, though the local copy has it", async (t) => {
    const { cluster, pass, patch, first, goBack, value } = await appliedTwice(t);
    const keys = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "keys", namespace: "default" } } as const;
    const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl alice";
    await cluster.client.create(configMaps, { ...keys, data: { "alice.pub": key } });
    await patch({ spec: { verify: { configMapRef: { name: "keys" } } } });
    await goBack(first);
    assert.match(await pass(), /^False VerificationFailed: the commit [0-9a-f]{7} does not count: it is not signed$/);
    assert.equal(await value(), "2");
  });

  it("tells the host of the repository before it is done with it", async (t) => {
    const server = await recordingServer();
    t.after(() => server.close());
    const { cluster, pass, patch, first } = await appliedTwice(t);
    const metadata = { name: "token", namespace: "default" };
    const stringData = { token: "t0k3n", "ca.crt": server.ca };
    await cluster.client.create(secrets, { apiVersion: "v1", kind: "Secret", metadata, stringData } as never);
    const url = `https://localhost:${server.port}/api/v1`;
    await patch({
      spec: { suspend: true, commitStatus: { type: "Gitea", url, secretRef: { name: "token" } } },
      metadata: { annotations: { "wctl.dev/rollback-to": first } },
    });
    // It is asked over a network, in real time.
    await eventually(async () => (await pass()).startsWith("True RolledBack"), "it is rolled back");
    assert.deepEqual(
      server.requests.map((request) => request.url.endsWith(`/statuses/${first}`)),
      [true],
    );
  });

  it("waits for approval where it prunes too much", async (t) => {
    const { cluster, git, pass, first, goBack, annotate } = await appliedTwice(t);
    git.push(Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`m${at}.yaml`, map(`m${at}`)])));
    assert.match(await pass(11_000), /^True/);
    await goBack(first);
    assert.match(await pass(), /^False PruneRefused: 9 of 9 objects .* wctl approve gitsource\/fleet -n default/);
    assert.equal((await cluster.names(configMaps)).length, 9);
    await annotate({ "wctl.dev/approve": first });
    assert.match(await pass(), /^True RolledBack/);
    assert.deepEqual(await cluster.names(configMaps), ["a", "b"]);
  });
});
