import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { type GitUrl, parseGitUrl } from "../../../../../api/git/git-url.ts";
import { parseManifests } from "../../../../../api/manifests/parse-manifests.ts";
import { makeKey } from "../../../../../api/object.ts";
import { gitSources, namespaces, secrets } from "../../../../../api/scheme.ts";
import { bootstrap } from "../../../../../cmd/wctl/verbs/bootstrap/bootstrap.ts";
import type { Plan } from "../../../../../cmd/wctl/verbs/bootstrap/plan.ts";
import { GitError } from "../../../../../git/git-error.ts";
import { Desk } from "../../desk.ts";
import { FakePushing } from "./fake-pushing.ts";

const url = parseGitUrl("https://git.example.com/ops/fleet.git") as GitUrl;
const AT = new Date("2026-01-02T03:04:05Z");

let desk: Desk;
let git: FakePushing;
let said: string[];
let namespace = "";
let count = 0;
before(async () => {
  desk = await Desk.open();
});
after(() => desk.close());
beforeEach(async () => {
  git = new FakePushing();
  said = [];
  namespace = `n${count++}`;
  await desk.client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
});

const begin = (given: Partial<Plan> = {}, mayPush = true): Promise<void> => {
  const credentials = { username: "robot", token: "s3cret" };
  const plan: Plan = {
    name: "fleet",
    namespace,
    url,
    path: "hosts/pc1",
    branch: undefined,
    interval: undefined,
    serviceAccountName: undefined,
    secretName: "fleet-git",
    credentials,
    ...given,
  };
  return bootstrap(plan, "hosts/pc1", {
    client: desk.client,
    git,
    remote: { url, credentials: {} },
    mayPush,
    now: () => AT,
    signal: new AbortController().signal,
    say: (text) => void said.push(text),
  });
};
const names = async () => [
  ...(await desk.client.list(secrets, { namespace })).items.map(({ metadata }) => metadata.name),
  ...(await desk.client.list(gitSources, { namespace })).items.map(({ metadata }) => metadata.name),
];

describe("a beginning", () => {
  it("pushes a first manifest into an empty repository, and writes the Secret and the GitSource; then it changes nothing", async () => {
    await begin();
    assert.deepEqual(said, [
      "hosts/pc1/about.yaml pushed: main@sha1:2222222",
      "secret/fleet-git created",
      "gitsource.wctl.dev/fleet created",
    ]);
    const [change] = git.pushed;
    assert.deepEqual([change?.branch, change?.parent, change?.at], ["main", undefined, AT.getTime() / 1000]);
    const { spec } = await desk.client.get(gitSources, makeKey(namespace, "fleet"));
    assert.deepEqual(
      [spec.url, spec.ref, spec.path, spec.secretRef],
      [url.text, { branch: "main" }, "hosts/pc1", { name: "fleet-git" }],
    );
    const { data } = await desk.client.get(secrets, makeKey(namespace, "fleet-git"));
    assert.deepEqual(data, { username: btoa("robot"), token: btoa("s3cret") });
    said = [];
    await begin();
    assert.deepEqual(said, [
      'main@sha1:2222222 has manifests in "hosts/pc1": nothing is pushed',
      "secret/fleet-git unchanged",
      "gitsource.wctl.dev/fleet unchanged",
    ]);
    assert.equal(git.pushed.length, 1);
    await begin({ credentials: { token: "may only read" } });
    const now = await desk.client.get(secrets, makeKey(namespace, "fleet-git"));
    assert.deepEqual(now.data, { token: btoa("may only read") });
  });

  it("pushes a manifest that is valid, says whose it is, and holds no credentials", async () => {
    git.tree = { "hosts/pc1/README.md": "not a manifest", "hosts/pc2/a.yaml": "a: 1" };
    await begin();
    const [text = ""] = Object.values(git.pushed[0]!.files);
    assert.equal(git.pushed[0]!.parent, "1".repeat(40));
    assert.doesNotMatch(JSON.stringify(git.pushed), /s3cret|robot/);
    const [{ object } = {}] = parseManifests(text, "about.yaml");
    assert.equal(object?.metadata.name, "about-fleet");
    const { code, out } = await desk.wctl("apply -f -", { stdin: text });
    assert.deepEqual([code, out], [0, "configmap/about-fleet created\n"]);
  });

  it("writes what was asked for, and takes its fields over", async () => {
    git.tree = { "hosts/pc1/a.yaml": "a: 1" };
    await desk.client.create(gitSources, {
      apiVersion: "wctl.dev/v1",
      kind: "GitSource",
      metadata: { name: "fleet", namespace },
      spec: { url: url.text, path: "hosts/pc1", interval: "1h", prune: false },
    });
    await begin({ branch: "trunk", interval: "5m", secretName: undefined, credentials: undefined });
    const { spec } = await desk.client.get(gitSources, makeKey(namespace, "fleet"));
    assert.deepEqual(
      [spec.interval, spec.prune, spec.ref, spec.secretRef],
      ["5m", false, { branch: "trunk" }, undefined],
    );
    assert.equal(said.at(-1), "gitsource.wctl.dev/fleet configured");
  });

  const nothingDone = async (message: RegExp, given?: Partial<Plan>, mayPush?: boolean): Promise<void> => {
    const before = await names();
    await assert.rejects(begin(given, mayPush), message);
    assert.deepEqual([git.pushed.length, await names(), said], [0, before, []]);
  };

  it("pushes nothing when the API refuses the source", async () => {
    await nothingDone(/spec\.interval/, { interval: "1s" });
    await nothingDone(/namespaces "nowhere" not found/, { namespace: "nowhere" });
  });

  it("sends no key of a Secret that somebody else has made", async () => {
    const metadata = { name: "fleet-git", namespace };
    const made = { apiVersion: "v1", kind: "Secret", metadata, data: { password: btoa("old") } } as const;
    await desk.client.create(secrets, made);
    await nothingDone(/secrets "fleet-git" is there and has other keys \(password\): choose another --secret-name/);
  });

  it("makes no source of a folder without manifests when it may not push, or the server does not let it", async () => {
    await nothingDone(/the branch "main" has no manifests in "hosts\/pc1", and --no-push was given/, {}, false);
    git.pushFailure = new GitError("PushRejected", "the server does not take the push");
    await assert.rejects(begin(), { message: "the server does not take the push", hint: /--export DIR/ });
    git.pushFailure = new GitError("FetchFailed", "cannot be reached");
    await assert.rejects(begin(), { message: "cannot be reached", hint: undefined });
    assert.deepEqual(await names(), []);
  });

  it("makes no source of a repository that cannot be read, and says by which flag that is mended", async () => {
    git.failure = new GitError("CertificateInvalid", "the certificate is not trusted");
    await assert.rejects(begin(), { message: "the certificate is not trusted", hint: /--ca-file/ });
    assert.deepEqual(await names(), []);
  });
});
