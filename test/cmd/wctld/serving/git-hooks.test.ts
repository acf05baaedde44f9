import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gitSources, secrets } from "../../../../api/scheme.ts";
import { controllerIdentity } from "../../../../apiserver/authentication/identity.ts";
import { GitHooks } from "../../../../cmd/wctld/serving/git-hooks.ts";
import { openDesk } from "../../../apiserver/fixtures.ts";
import { localClients } from "../../../apiserver/local-clients.ts";

async function setUp() {
  const { client, registry } = await openDesk();
  const hooks = new GitHooks(localClients(registry)(controllerIdentity("git-source")));
  const metadata = (name: string) => ({ name, namespace: "default" });
  return {
    client,
    hooks,
    source: (name: string, spec: object) =>
      client.create(gitSources, {
        apiVersion: "wctl.dev/v1",
        kind: "GitSource",
        metadata: metadata(name),
        spec: { url: "https://git.example.com/x.git", ...spec },
      } as never),
    secret: (name: string, stringData: object) =>
      client.create(secrets, { apiVersion: "v1", kind: "Secret", metadata: metadata(name), stringData } as never),
  };
}

const webhook = (name: string) => ({ webhook: { type: "Gitea", secretRef: { name } } });

describe("the hooks of GitSources", () => {
  it("know the token of a source, read in the controller's own name", async () => {
    const { hooks, source, secret } = await setUp();
    await source("fleet", { ...webhook("hook"), suspend: true });
    await secret("hook", { token: "hunter2\n" });
    assert.deepEqual(await hooks.secretOf("default", "fleet"), { type: "Gitea", token: "hunter2" });
  });

  it("know none of what is not there, has no webhook, or a Secret without a token", async () => {
    const { hooks, source, secret } = await setUp();
    await source("plain", {});
    await source("missing", webhook("missing"));
    await source("other", webhook("other"));
    await source("empty", webhook("empty"));
    await secret("other", { password: "x" });
    await secret("empty", { token: " \n" });
    for (const name of ["plain", "missing", "other", "empty", "unknown", "__proto__", "A B", "x".repeat(5_000)])
      assert.equal(await hooks.secretOf("default", name), undefined, name);
    assert.equal(await hooks.secretOf("unknown", "plain"), undefined);
  });

  it("have a source looked at as soon as there is somebody who looks", async () => {
    const { hooks } = await setUp();
    hooks.trigger("default", "early");
    const looked: string[] = [];
    hooks.answeredBy((key) => looked.push(key));
    hooks.trigger("ops", "fleet");
    assert.deepEqual(looked, ["ops/fleet"]);
  });
});
