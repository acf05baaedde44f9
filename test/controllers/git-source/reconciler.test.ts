import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { Client } from "../../../api/client.ts";
import { findCondition } from "../../../api/conditions.ts";
import { conflict } from "../../../api/errors.ts";
import { type KubeObject, makeKey } from "../../../api/object.ts";
import { configMaps, events, gitSources, namespaces, nodes, scheme, secrets } from "../../../api/scheme.ts";
import { generateIdentity, sealFor } from "../../../api/sealing/seal.ts";
import { GitError } from "../../../git/git-error.ts";
import { eventually } from "../../eventually.ts";
import { settle } from "../../lib/fake-clock.ts";
import { map, program, setUp, URL } from "./fleet.ts";

const managersOf = (object: KubeObject | undefined): string[] =>
  ((object?.metadata.managedFields ?? []) as { manager: string }[]).map(({ manager }) => manager);

describe("a GitSource", () => {
  it("applies the folder of this host, with its own user, in its own namespace, and tells the revision", async (t) => {
    const { cluster, git, find, apply, pass, copies } = await setUp(t);
    const commit = git.push({
      "hosts/pc1/a.yaml": map("a"),
      "hosts/pc1/web.yaml": program("web"),
      "hosts/pc2/b.yaml": map("b"),
    });
    const made = await apply({ path: `hosts/\${node.name}` });
    assert.match(await pass(), /^True Applied: applied main@sha1:[0-9a-f]{7}$/);
    assert.deepEqual(await cluster.names(configMaps), ["a"]);
    const { status, metadata } = await find();
    assert.equal(status?.lastAppliedRevision, `main@sha1:${commit}`);
    assert.deepEqual([status?.objects, status?.observedGeneration, status?.unreachableSince], [2, 1, undefined]);
    assert.deepEqual(
      status?.conditions?.map(({ type, status: is }) => `${type} ${is}`),
      ["Ready True", "Reconciling False", "Stalled False"],
    );
    assert.ok(copies[0]?.endsWith(made.metadata.uid));
    const a = await cluster.find(configMaps, "default/a");
    assert.deepEqual(
      [a?.metadata.labels, a?.metadata.annotations],
      [{ "wctl.dev/source": "git.default.fleet" }, { "wctl.dev/source-file": "hosts/pc1/a.yaml" }],
    );
    assert.deepEqual(managersOf(a), ["wctl-source-git.default.fleet"]);
    await pass(11_000);
    assert.equal(
      (await find()).metadata.resourceVersion,
      metadata.resourceVersion,
      "nothing is written where nothing changes",
    );
  });

  it("follows what is pushed, prunes what is gone, and holds a revision with an invalid manifest", async (t) => {
    const { cluster, git, find, apply, pass } = await setUp(t);
    const first = git.push({ "a.yaml": map("a"), "b.yaml": map("b") });
    await apply();
    await pass();
    git.push({ "a.yaml": map("a", "2"), "bad.yaml": "kind: {" });
    assert.match(
      await pass(11_000),
      /^False ManifestInvalid: bad\.yaml:1:8: .*\n\(of main@sha1:[0-9a-f]{7}; main@sha1:[0-9a-f]{7} stays\)$/,
    );
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "1");
    const bad = git.head;
    const { status } = await find();
    assert.equal(status?.lastAppliedRevision, `main@sha1:${first}`);
    assert.equal(status?.lastAttemptedRevision, `main@sha1:${git.head}`);
    await cluster.client.delete(configMaps, "default/b");
    await pass(100);
    assert.equal((await cluster.find(configMaps, "default/b"))?.data?.value, "1", "the last good one stays in force");
    git.push({ "a.yaml": map("a", "3") });
    assert.match(await pass(11_000), /^True/);
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "3");
    assert.deepEqual(await cluster.names(configMaps), ["a"]);
    assert.deepEqual(
      (await find()).status?.history?.map(({ revision }) => revision),
      [git.head, first].map((commit) => `main@sha1:${commit}`),
    );
    const told = (await cluster.all(events)).filter(({ involvedObject }) => involvedObject.kind === "GitSource");
    assert.deepEqual(
      told.map(({ reason, metadata }) => [reason, metadata.annotations?.["wctl.dev/source-revision"]]),
      [
        ["Applied", first],
        ["ManifestInvalid", bad],
        ["ManifestsSynced", git.head],
        ["Applied", git.head],
      ].map(([reason, commit]) => [reason, `main@sha1:${commit}`]),
    );
  });

  it("looks at once when its webhook was called, however often; one that is not followed does not", async (t) => {
    const { cluster, git, apply, pass, look } = await setUp(t);
    git.push({ "a.yaml": map("a") });
    await apply({ interval: "1h" });
    await pass();
    git.push({ "a.yaml": map("a", "2") });
    const asked = git.remotes.length;
    for (let n = 0; n < 20; n++) look("default/fleet");
    look("default/unknown");
    await pass(100);
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "2");
    assert.ok(git.remotes.length <= asked + 2, `${git.remotes.length - asked} looks`);
  });

  it("can be asked to look now, says that it did, and is left alone while suspended", async (t) => {
    const { cluster, git, find, apply, annotate, pass } = await setUp(t);
    git.push({ "a.yaml": map("a") });
    await apply({ interval: "1h" });
    await pass();
    git.push({ "a.yaml": map("a", "2") });
    await annotate({ "wctl.dev/reconcile-at": "now" });
    await pass(100);
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "2");
    assert.equal((await find()).status?.lastHandledReconcileAt, "now");
    await cluster.client.patch(gitSources, "default/fleet", { type: "merge", body: { spec: { suspend: true } } });
    await pass();
    git.push({ "a.yaml": map("a", "3") });
    await annotate({ "wctl.dev/reconcile-at": "later" });
    await pass(3_700_000);
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "2");
    await cluster.client.patch(gitSources, "default/fleet", { type: "merge", body: { spec: { suspend: false } } });
    await pass();
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "3");
  });

  it("tells how it is at once also when somebody else has written to it meanwhile", async (t) => {
    let conflicts = 0;
    const interrupted = (client: Client): Client =>
      new Proxy(client, {
        get(target, name) {
          const value = Reflect.get(target, name) as unknown;
          if (typeof value !== "function") return value;
          return (...given: unknown[]) => {
            if (name === "updateStatus" && conflicts-- > 0) return Promise.reject(conflict(gitSources, "fleet"));
            return Reflect.apply(value, target, given) as unknown;
          };
        },
      });
    const { git, apply, pass, annotate, find } = await setUp(t, { wrap: interrupted });
    git.push({ "a.yaml": map("a") });
    await apply({ interval: "1h" });
    await pass();
    conflicts = 1;
    await annotate({ "wctl.dev/reconcile-at": "now" });
    await pass();
    assert.deepEqual([conflicts < 0, (await find()).status?.lastHandledReconcileAt], [true, "now"]);
  });

  it("enforces what was applied last while the repository cannot be asked, and says since when", async (t) => {
    const { cluster, git, find, apply, pass } = await setUp(t);
    git.push({ "a.yaml": map("a") });
    await apply();
    await pass();
    git.failure = new GitError("FetchFailed", "no route to host");
    git.push({ "a.yaml": map("a", "2") });
    assert.match(await pass(11_000), /^False FetchFailed: no route to host\. What was applied last stays: main@sha1:/);
    const since = (await find()).status?.unreachableSince;
    await cluster.client.delete(configMaps, "default/a");
    await pass(61_000);
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "1");
    assert.equal((await find()).status?.unreachableSince, since);
    git.failure = undefined;
    assert.match(await pass(61_000), /^True/);
    assert.equal((await find()).status?.unreachableSince, undefined);
  });

  it("says no longer that the repository is away when it answers, whatever else is wrong", async (t) => {
    const { cluster, git, find, apply, pass } = await setUp(t);
    git.push({ "a.yaml": map("a") });
    const values = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "site", namespace: "default" } } as const;
    await cluster.client.create(configMaps, { ...values, data: {} });
    await apply({ substitute: { from: [{ configMapRef: { name: "site" } }] } });
    await pass();
    git.failure = new GitError("FetchFailed", "no route to host");
    await pass(11_000);
    assert.notEqual((await find()).status?.unreachableSince, undefined);
    git.failure = undefined;
    await cluster.client.delete(configMaps, "default/site");
    assert.match(await pass(61_000), /^False SubstitutionFailed/);
    assert.equal((await find()).status?.unreachableSince, undefined);
  });

  it("stalls before a revision that prunes too much, until that commit is approved", async (t) => {
    const { cluster, git, apply, annotate, pass, find } = await setUp(t);
    const all = Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`m${at}.yaml`, map(`m${at}`)]));
    git.push(all);
    await apply();
    await pass();
    git.push({ "m0.yaml": map("m0", "2") });
    assert.match(await pass(11_000), /^False PruneRefused: 5 of 6 objects .* wctl approve gitsource\/fleet -n default/);
    assert.equal(findCondition((await find()).status?.conditions, "Stalled")?.status, "True");
    assert.equal((await cluster.find(configMaps, "default/m0"))?.data?.value, "1");
    await annotate({ "wctl.dev/approve": "0".repeat(40) });
    assert.match(await pass(), /^False PruneRefused/);
    await annotate({ "wctl.dev/approve": git.head });
    assert.match(await pass(), /^True/);
    assert.deepEqual(await cluster.names(configMaps), ["m0"]);
  });

  it("asks again for what the same commit prunes another time, for an approval is used up by what it let through", async (t) => {
    const { cluster, git, apply, annotate, pass, find } = await setUp(t);
    const all = Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`m${at}.yaml`, map(`m${at}`)]));
    git.push(all);
    await apply();
    await pass();
    const approved = git.push({ "m0.yaml": map("m0", "2") });
    await pass(11_000);
    await annotate({ "wctl.dev/approve": approved, note: "kept" });
    assert.match(await pass(), /^True/);
    assert.deepEqual((await find()).metadata.annotations, { note: "kept" });
    git.push(all);
    assert.match(await pass(11_000), /^True/);
    git.head = approved;
    assert.match(await pass(11_000), /^False PruneRefused: 5 of 6 objects/);
    await annotate({ "wctl.dev/approve": approved });
    assert.match(await pass(), /^True/);
    assert.deepEqual(await cluster.names(configMaps), ["m0"]);
  });

  it("has no rights beyond its namespace's editors: no account, no namespace, no cluster", async (t) => {
    const { cluster, git, apply, pass } = await setUp(t);
    const refused = async (files: Record<string, string>, message: RegExp): Promise<void> => {
      git.push({ "fine.yaml": map("fine"), ...files });
      assert.match(await pass(61_000), message);
      assert.deepEqual(await cluster.names(configMaps), []);
    };
    await apply();
    await refused(
      { "web.yaml": program("web", "root") },
      /^False ApplyFailed: web\.yaml:1: .*"system:wctl:source:default:fleet" cannot use resource "accounts" "root"/,
    );
    await cluster.client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } });
    await refused(
      { "b.yaml": map("b", "1", "other") },
      /cannot (get|patch) resource "configmaps" in API group "" in the namespace "other"/,
    );
    await refused(
      { "ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: mine}\n" },
      /cannot (get|patch) resource "namespaces"/,
    );
    const other = `apiVersion: wctl.dev/v1\nkind: GitSource\nmetadata: {name: more}\nspec: {url: "${URL}", serviceAccountName: powerful}\n`;
    await refused({ "gs.yaml": other }, /cannot impersonate serviceaccounts "powerful"/);
    assert.deepEqual(await cluster.all(nodes), []);
  });

  it("writes in the name of a ServiceAccount, into the namespace that it is given", async (t) => {
    const { cluster, git, apply, pass } = await setUp(t);
    git.push({ "a.yaml": map("a", "1", "elsewhere"), "b.yaml": map("b") });
    await apply({ serviceAccountName: "robot", targetNamespace: "default" });
    assert.match(await pass(), /User "system:serviceaccount:default:robot" cannot/);
    await cluster.client.create(scheme.find(({ kind }) => kind === "RoleBinding")!, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "robot", namespace: "default" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" },
      subjects: [{ kind: "ServiceAccount", name: "robot", namespace: "default" }],
    } as never);
    assert.match(await pass(61_000), /^True/);
    assert.deepEqual(await cluster.names(configMaps), ["a", "b"]);
  });

  it("reads its credentials from its Secret, and shows none of them", async (t) => {
    const { cluster, git, apply, pass, find } = await setUp(t);
    git.push({ "a.yaml": map("a") });
    await apply({ secretRef: { name: "auth" } });
    assert.match(await pass(), /^False AuthenticationFailed: the Secret "auth" of spec\.secretRef is not there/);
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "auth", namespace: "default" } } as const;
    await cluster.client.create(secrets, { ...secret, stringData: { token: "hunter2\n", username: "bot" } } as never);
    assert.match(await pass(61_000), /^True/);
    assert.deepEqual(git.remotes.at(-1)?.credentials, { username: "bot", password: "hunter2" });
    git.failure = new GitError("AuthenticationFailed", "git.example.com answers 401");
    await pass(61_000);
    assert.doesNotMatch(JSON.stringify([await find(), await cluster.all(events)]), /hunter2|aHVudGVyMg/);
  });

  it("applies signed commits only where it names keys; what was applied stays", async (t) => {
    const { cluster, git, apply, pass } = await setUp(t);
    git.push({ "a.yaml": map("a") });
    await apply();
    await pass();
    const verify = { configMapRef: { name: "keys" } };
    await cluster.client.patch(gitSources, "default/fleet", { type: "merge", body: { spec: { verify } } });
    git.push({ "a.yaml": map("a", "2") });
    assert.match(await pass(), /^False VerificationFailed: the ConfigMap "keys" of spec\.verify is not there/);
    const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl alice";
    const keys = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "keys", namespace: "default" } } as const;
    await cluster.client.create(configMaps, { ...keys, data: { "alice.pub": key } });
    assert.match(
      await pass(61_000),
      /^False VerificationFailed: the commit [0-9a-f]{7} does not count: it is not signed\. What was applied last is left as it is: the commit [0-9a-f]{7} does not count/,
    );
    await cluster.client.delete(configMaps, "default/a");
    await pass(61_000);
    assert.deepEqual(await cluster.names(configMaps), ["keys"], "nobody has signed what was applied before");
  });

  it("opens what is sealed for this host, in Secrets only", async (t) => {
    const { cluster, git, apply, pass } = await setUp(t);
    const { identity, recipient } = await generateIdentity(false);
    const sealed = await (await sealFor([recipient]))("hunter2");
    const indented = sealed.trim().replaceAll("\n", "\n    ");
    git.push({
      "s.yaml": `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  password: |\n    ${indented}\n`,
    });
    await apply({ decrypt: { secretRef: { name: "host-key" } } });
    assert.match(await pass(), /^False DecryptionFailed: the Secret "host-key" of spec\.decrypt is not there/);
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "host-key", namespace: "default" } } as const;
    await cluster.client.create(secrets, { ...secret, stringData: { identity } } as never);
    // Keys are computed in their own time.
    const passes = (said: RegExp, ms: number) => eventually(async () => said.test(await pass(ms)), String(said));
    await passes(/^True/, 61_000);
    const opened = await cluster.find(secrets, "default/s");
    assert.equal(Buffer.from(opened?.data?.password ?? "", "base64").toString(), "hunter2");
    git.push({
      "c.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  password: |\n    ${indented}\n`,
    });
    await passes(/^False ManifestInvalid: c\.yaml:5:/, 11_000);
  });

  it("says for whom values are sealed that it opens, also while its repository cannot be asked", async (t) => {
    const { cluster, git, apply, pass, find } = await setUp(t);
    const [old, next] = [await generateIdentity(false), await generateIdentity(true)];
    const publishes = (recipients: string[] | undefined, ms = 0) =>
      // Keys are computed in their own time.
      eventually(async () => {
        const ready = await pass(ms);
        const { status } = await find();
        return ready.startsWith("False FetchFailed") && isDeepStrictEqual(status?.recipients, recipients);
      }, "the recipients are published");
    const meta = { apiVersion: "v1", kind: "Secret", metadata: { name: "host-key", namespace: "default" } } as const;
    await cluster.client.create(secrets, { ...meta, stringData: { identity: old.identity } } as never);
    git.failure = new GitError("FetchFailed", "git.example.com cannot be reached");
    await apply({ decrypt: { secretRef: { name: "host-key" } } });
    await publishes([old.recipient]);
    const both = { identity: `# old\n${old.identity}\n`, next: next.identity };
    await cluster.client.patch(secrets, "default/host-key", { type: "merge", body: { stringData: both } });
    await publishes([old.recipient, next.recipient], 61_000);
    assert.doesNotMatch(JSON.stringify(await find()), /AGE-SECRET-KEY/);
    await cluster.client.patch(secrets, "default/host-key", { type: "merge", body: { stringData: { next: "none" } } });
    await publishes(undefined, 61_000);
  });

  it("builds a folder that has a kustomization.yaml, with bases from anywhere in the repository", async (t) => {
    const { cluster, git, apply, pass } = await setUp(t);
    const base =
      "resources: [a.yaml]\nconfigMapGenerator:\n- name: files\n  files: [motd.txt]\ngeneratorOptions: {disableNameSuffixHash: true}\n";
    const patch = "[{op: replace, path: /data/value, value: patched}]";
    git.push({
      "base/kustomization.yaml": base,
      "base/a.yaml": map("a"),
      "base/motd.txt": "hello",
      "hosts/pc1/kustomization.yaml": `resources: [../../base]\npatches:\n- target: {kind: ConfigMap, name: a}\n  patch: "${patch}"\n`,
    });
    await apply({ path: "hosts/pc1" });
    assert.match(await pass(), /^True/);
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "patched");
    assert.equal((await cluster.find(configMaps, "default/files"))?.data?.["motd.txt"], "hello");
    git.push({ "hosts/pc1/kustomization.yaml": "resources: [../../nowhere]\n" });
    assert.match(await pass(11_000), /^False ManifestInvalid: hosts\/pc1\/kustomization\.yaml:1:/);
    assert.deepEqual(await cluster.names(configMaps), ["a", "files"]);
  });

  it("puts variables in, and again when they change", async (t) => {
    const { cluster, git, apply, pass } = await setUp(t);
    const values = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "site", namespace: "default" } } as const;
    await cluster.client.create(configMaps, { ...values, data: { CITY: "Bern", COLOR: "red" } });
    git.push({ "a.yaml": map("a", `\${CITY} \${COLOR}`) });
    await apply({ substitute: { variables: { COLOR: "blue" }, from: [{ configMapRef: { name: "site" } }] } });
    assert.match(await pass(), /^True/);
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "Bern blue");
    await cluster.client.patch(configMaps, "default/site", { type: "merge", body: { data: { CITY: "Rom" } } });
    await pass(11_000);
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "Rom blue");
    git.push({ "a.yaml": map("a", `\${CITY} \${NOBODY}`) });
    assert.match(await pass(11_000), /^False ManifestInvalid: a\.yaml:4:.*the variable NOBODY is not defined/);
  });

  it("follows the folder that a variable names, and leaves what is there while that names none", async (t) => {
    const { cluster, git, apply, pass } = await setUp(t);
    const values = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "site", namespace: "default" } } as const;
    await cluster.client.create(configMaps, { ...values, data: { SITE: "bern" } });
    const told = async (SITE: string | null): Promise<string> => {
      await cluster.client.patch(configMaps, "default/site", { type: "merge", body: { data: { SITE } } });
      return pass(61_000);
    };
    git.push({ "sites/bern/a.yaml": map("a"), "sites/rom/b.yaml": map("b"), "c.yaml": map("c") });
    await apply({ path: `sites/\${SITE}`, substitute: { from: [{ configMapRef: { name: "site" } }] } });
    assert.match(await pass(), /^True/);
    assert.deepEqual(await cluster.names(configMaps), ["a", "site"]);
    const refused = `False SubstitutionFailed: spec.path "sites/\${SITE}": `;
    assert.ok((await told("..")).startsWith(`${refused}the variable SITE must be the name of a folder`));
    assert.ok((await told(null)).startsWith(`${refused}the variable SITE is not defined: define it, or write`));
    assert.deepEqual(await cluster.names(configMaps), ["a", "site"]);
    assert.match(await told("rom"), /^True/);
    assert.deepEqual(await cluster.names(configMaps), ["b", "site"]);
  });

  it("leaves what it applied when it is deleted, and one of its name takes it up", async (t) => {
    const { cluster, git, apply, pass } = await setUp(t);
    git.push({ "a.yaml": map("a"), "b.yaml": map("b") });
    await apply();
    await pass();
    await cluster.client.delete(gitSources, makeKey("default", "fleet"));
    await settle();
    assert.deepEqual(await cluster.names(configMaps), ["a", "b"]);
    assert.equal(git.isClosed, true);
    git.push({ "a.yaml": map("a") });
    await apply();
    // The folder of the first is removed by the system, in its own time.
    await eventually(async () => (await pass()).startsWith("True"), "it is taken up");
    assert.deepEqual(await cluster.names(configMaps), ["a"]);
  });
});
