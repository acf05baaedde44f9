import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sourceLabelOf } from "../../../api/git/source-label.ts";
import { clusterRoles, configMaps, gitSources, namespaces, roleBindings } from "../../../api/scheme.ts";
import { authenticated, serviceAccountIdentity, sourceIdentity } from "../../../apiserver/authentication/identity.ts";
import type { LocalClient } from "../../../apiserver/local-client.ts";
import { type Desk, openDesk } from "../fixtures.ts";
import { localClients } from "../local-clients.ts";

let desk: Desk;
let clients: ReturnType<typeof localClients>;
/** Writes in the namespace "shop", and in no other. */
let jane: LocalClient;
const label = (namespace: string, name: string) => sourceLabelOf({ metadata: { namespace, name } });
const map = (name: string, source: string, more: object = {}) => ({
  apiVersion: "v1" as const,
  kind: "ConfigMap" as const,
  metadata: { name, namespace: "shop", labels: { "wctl.dev/source": source }, ...more },
});

before(async () => {
  desk = await openDesk();
  const apiVersion = "rbac.authorization.k8s.io/v1";
  await desk.client.create(clusterRoles, {
    apiVersion,
    kind: "ClusterRole",
    metadata: { name: "writer" },
    rules: [{ apiGroups: ["", "wctl.dev"], resources: ["configmaps", "gitsources"], verbs: ["create", "patch"] }],
  });
  clients = localClients(desk.registry);
  for (const name of ["shop", "ops"])
    await desk.client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  await desk.client.create(roleBindings, {
    apiVersion,
    kind: "RoleBinding",
    metadata: { name: "writers", namespace: "shop" },
    subjects: [
      { kind: "User", name: "jane" },
      { kind: "ServiceAccount", name: "deployer", namespace: "ops" },
      { kind: "ServiceAccount", name: "other", namespace: "ops" },
      { kind: "User", name: sourceIdentity("ops", "fleet").name },
    ],
    roleRef: { kind: "ClusterRole", name: "writer" },
  });
  const source = (namespace: string, name: string, serviceAccountName?: string) =>
    desk.client.create(gitSources, {
      apiVersion: "wctl.dev/v1",
      kind: "GitSource",
      metadata: { name, namespace },
      spec: { url: "https://git.example/x.git", ...(serviceAccountName ? { serviceAccountName } : {}) },
    });
  await source("ops", "fleet");
  await source("ops", "deployed", "deployer");
  await source("shop", "web");
  jane = clients(authenticated({ name: "jane", groups: [] }));
});
after(() => desk.store.close());

const refused = (name: string, why: RegExp) => (error: Error & { reason?: string }) => {
  assert.equal(error.reason, "Forbidden");
  assert.ok(error.message.startsWith(`configmaps "${name}" is forbidden: `), error.message);
  assert.match(error.message, why);
  return true;
};

describe("who may say that a source has made an Object", () => {
  it("nobody of another namespace, however he writes it", async () => {
    const fleet = label("ops", "fleet");
    const why = /cannot patch gitsources "fleet" in the namespace "ops": .*leave out the label wctl\.dev\/source/;
    await assert.rejects(jane.create(configMaps, map("a", fleet)), refused("a", why));
    await jane.create(configMaps, map("b", "", { labels: {} }));
    const body = { metadata: { labels: { "wctl.dev/source": fleet } } };
    await assert.rejects(jane.patch(configMaps, "shop/b", { type: "merge", body }), refused("b", why));
    const apply = { type: "apply", body: map("c", fleet) } as const;
    await assert.rejects(jane.patch(configMaps, "shop/c", apply, { fieldManager: "jane" }), refused("c", why));
  });

  it("nor of a source that is not there yet, or of the folder", async () => {
    for (const source of [label("ops", "later"), "directory"])
      await assert.rejects(
        jane.create(configMaps, map("d", source)),
        refused("d", /cannot patch gitsources in every namespace/),
      );
    await desk.client.create(configMaps, map("d", "directory"));
  });

  it("the source itself, the account as which it writes, and who may change it", async () => {
    await jane.create(configMaps, map("e", label("shop", "web")));
    await clients(sourceIdentity("ops", "fleet")).create(configMaps, map("f", label("ops", "fleet")));
    await clients(serviceAccountIdentity("ops", "deployer")).create(configMaps, map("g", label("ops", "deployed")));
    for (const account of ["deployer", "other"])
      await assert.rejects(
        clients(serviceAccountIdentity("ops", account)).create(configMaps, map("h", label("ops", "fleet"))),
        refused("h", /cannot patch gitsources "fleet"/),
      );
  });

  it("nobody is asked who changes something else of it, or takes the label away", async () => {
    await desk.client.create(configMaps, map("i", label("ops", "fleet")));
    await jane.patch(configMaps, "shop/i", { type: "merge", body: { data: { k: "v" } } });
    await jane.patch(configMaps, "shop/i", { type: "merge", body: { metadata: { labels: null } } });
  });
});
