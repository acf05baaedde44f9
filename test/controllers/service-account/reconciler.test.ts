import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { namespaces, serviceAccounts } from "../../../api/scheme.ts";
import { ServiceAccountReconciler, watchServiceAccounts } from "../../../controllers/service-account/reconciler.ts";
import { Cluster } from "../../machinery/cluster.ts";

async function setUp(t: TestContext) {
  const cluster = await Cluster.open(t);
  const [own, accounts] = [cluster.informer(namespaces), cluster.informer(serviceAccounts)];
  const client = cluster.as("service-account");
  const reconciler = new ServiceAccountReconciler({ client, namespaces: own.lister, accounts: accounts.lister });
  watchServiceAccounts(cluster.controller("service-account", reconciler), own, accounts);
  await cluster.start();
  return cluster;
}

describe("the ServiceAccount default", () => {
  it("is in each Namespace, those that were there before too", async (t) => {
    const cluster = await setUp(t);
    await cluster.client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "late" } });
    await cluster.pass(100);
    for (const key of ["default/default", "kube-node-lease/default", "late/default"]) {
      assert.ok(await cluster.find(serviceAccounts, key), key);
    }
  });

  it("comes back when somebody deletes it, and stays as it is when somebody changes it", async (t) => {
    const cluster = await setUp(t);
    await cluster.pass(100);
    const before = (await cluster.find(serviceAccounts, "default/default"))!;
    await cluster.client.patch(serviceAccounts, "default/default", {
      type: "merge",
      body: { metadata: { labels: { a: "b" } } },
    });
    await cluster.pass(100);
    const changed = (await cluster.find(serviceAccounts, "default/default"))!;
    assert.deepEqual([changed.metadata.uid, changed.metadata.labels], [before.metadata.uid, { a: "b" }]);
    await cluster.client.delete(serviceAccounts, "default/default");
    await cluster.pass(100);
    const after = (await cluster.find(serviceAccounts, "default/default"))!;
    assert.notEqual(after.metadata.uid, before.metadata.uid);
  });

  it("is not made in a Namespace that is going", async (t) => {
    const cluster = await setUp(t);
    await cluster.client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "going" } });
    await cluster.pass(100);
    await cluster.client.delete(namespaces, "going");
    await cluster.client.delete(serviceAccounts, "going/default");
    await cluster.pass(100);
    assert.equal(await cluster.find(serviceAccounts, "going/default"), undefined);
  });
});
