import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { OwnerReference } from "../../../api/object.ts";
import { clusterRoles, configMaps, roleBindings, roles } from "../../../api/scheme.ts";
import type { LocalClient } from "../../../apiserver/local-client.ts";
import { type Desk, object, openDesk } from "../fixtures.ts";
import { localClients } from "../local-clients.ts";

let desk: Desk;
/** Writes ConfigMaps, but deletes none but "his", and writes finalizers of "owner" alone. */
let jane: LocalClient;
before(async () => {
  desk = await openDesk();
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const metadata = { name: "jane", namespace: "default" };
  await desk.client.create(roles, {
    apiVersion,
    kind: "Role",
    metadata,
    rules: [
      { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "create", "update", "patch"] },
      { apiGroups: [""], resources: ["configmaps"], resourceNames: ["his"], verbs: ["delete"] },
      { apiGroups: [""], resources: ["configmaps/finalizers"], resourceNames: ["owner"], verbs: ["update"] },
    ],
  });
  await desk.client.create(roleBindings, {
    apiVersion,
    kind: "RoleBinding",
    metadata,
    subjects: [{ kind: "User", name: "jane" }],
    roleRef: { kind: "Role", name: "jane" },
  });
  for (const name of ["his", "other"]) await desk.client.create(configMaps, map(name));
  jane = localClients(desk.registry)({ name: "jane", groups: ["system:authenticated"] });
});
after(() => desk.store.close());

const map = (name: string, ...ownerReferences: OwnerReference[]) =>
  ({ ...object("ConfigMap", name), metadata: { name, namespace: "default", ownerReferences } }) as never;
const ownedBy = (name: string, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  name,
  uid: name,
  ...more,
});
const blocks = { blockOwnerDeletion: true };
const set = (name: string, ...ownerReferences: OwnerReference[]) =>
  jane.patch(configMaps, `default/${name}`, { type: "merge", body: { metadata: { ownerReferences } } });
const refusal = (name: string, why: string) => ({
  reason: "Forbidden",
  message: `configmaps "${name}" is forbidden: ${why}: , <nil>`,
});
const cannotBlock =
  "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on";

describe("who may say to whom an Object belongs", () => {
  it("whoever creates it, but for what holds up an owner that is not his", async () => {
    await jane.create(configMaps, map("new-1", ownedBy("anybody")));
    await jane.create(configMaps, map("new-2", ownedBy("owner", blocks)));
    await assert.rejects(
      jane.create(configMaps, map("new-3", ownedBy("other", blocks))),
      refusal("new-3", cannotBlock),
    );
    const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole" };
    await assert.rejects(
      jane.create(configMaps, map("new-4", ownedBy("owner", { ...role, ...blocks }))),
      refusal("new-4", cannotBlock),
    );
    await assert.rejects(jane.create(configMaps, map("new-5", ownedBy("owner", { kind: "Nothing", ...blocks }))), {
      message:
        'configmaps "new-5" is forbidden: cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion v1 Kind Nothing: no matches for kind "Nothing" in version "v1"',
    });
  });

  it("of what is there, whoever may delete it: what has lost its owner goes", async () => {
    await assert.rejects(
      set("other", ownedBy("nobody")),
      refusal("other", "cannot set an ownerRef on a resource you can't delete"),
    );
    await assert.rejects(
      jane.patch(
        configMaps,
        "default/other",
        { type: "apply", body: map("other", ownedBy("nobody")) },
        { fieldManager: "jane" },
      ),
      refusal("other", "cannot set an ownerRef on a resource you can't delete"),
    );
    await set("his", ownedBy("nobody"));
    await assert.rejects(set("his", ownedBy("nobody", blocks)), refusal("his", cannotBlock));
    await set("his", ownedBy("nobody"), ownedBy("owner", blocks));
  });

  it("nobody is asked who changes something else of what is owned", async () => {
    await desk.client.create(configMaps, map("owned", ownedBy("nobody", blocks)));
    await jane.patch(configMaps, "default/owned", { type: "merge", body: { data: { k: "v" } } });
    await desk.client.create(clusterRoles, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "owned", ownerReferences: [ownedBy("nobody", blocks)] },
    });
  });
});
