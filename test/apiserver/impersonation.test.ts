/** `kubectl --as`: served with the rights of the other, to whom may do that. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { clusterRoleBindings, clusterRoles, type Resource } from "../../api/scheme.ts";
import type { PolicyRule } from "../../api/types.generated.ts";
import { accessReviews } from "../../apiserver/views/reviews/access-reviews.ts";
import { selfSubjectReview } from "../../apiserver/views/reviews/subject-reviews.ts";
import { processesPath, processManifest, TestServer } from "./test-server.ts";

let server: TestServer;
const rbac = { apiVersion: "rbac.authorization.k8s.io/v1" };
const whoami = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

async function grant(name: string, user: string, rules: PolicyRule[]): Promise<void> {
  const { registry } = server;
  await registry.create(
    clusterRoles as unknown as Resource,
    undefined,
    { ...rbac, kind: "ClusterRole", metadata: { name }, rules },
    {},
  );
  const binding = {
    ...rbac,
    kind: "ClusterRoleBinding",
    metadata: { name },
    subjects: [{ kind: "User", name: user }],
    roleRef: { kind: "ClusterRole", name },
  };
  await registry.create(clusterRoleBindings as unknown as Resource, undefined, binding, {});
}

before(async () => {
  server = await TestServer.start({ views: () => [selfSubjectReview(), ...accessReviews(() => assert.fail())] });
  const impersonates = (resources: string[], resourceNames: string[], apiGroups = [""]) => ({
    verbs: ["impersonate"],
    apiGroups,
    resources,
    resourceNames,
  });
  await grant("jane-as", "jane", [
    impersonates(["users"], ["bob"]),
    impersonates(["groups"], ["team"]),
    impersonates(["serviceaccounts"], ["robot"]),
    impersonates(["userextras/scopes"], ["view"], ["authentication.k8s.io"]),
  ]);
  await grant("bob-as", "bob", [{ verbs: ["impersonate"], apiGroups: ["*"], resources: ["*"] }]);
  await grant("reader", "bob", [{ verbs: ["get", "list"], apiGroups: ["wctl.dev"], resources: ["processes"] }]);
});
after(() => server.stop());

const ask = (
  headers: Record<string, string | string[]>,
  as: "admin" | "jane" | "nobody" = "jane",
  path = processesPath,
) => server.ask("GET", path, { headers, as });

describe("impersonation", () => {
  it("serves with the rights of the other, not with one's own", async () => {
    assert.equal((await ask({})).code, 403);
    assert.equal((await ask({ "Impersonate-User": "bob" })).code, 200);
    const deleted = await server.ask("DELETE", `${processesPath}/x`, {
      as: "admin",
      headers: { "Impersonate-User": "bob" },
    });
    assert.equal(
      deleted.json.message,
      'processes.wctl.dev "x" is forbidden: User "bob" cannot delete resource "processes" in API group "wctl.dev" in the namespace "default"',
    );
    const made = await server.ask("POST", processesPath, {
      as: "admin",
      headers: { "Impersonate-User": "bob" },
      body: processManifest("theirs"),
    });
    assert.equal(made.code, 403);
    assert.equal((await server.ask("GET", `${processesPath}/theirs`)).code, 404);
  });

  const refused: [headers: Record<string, string | string[]>, message: string][] = [
    [
      { "Impersonate-User": "root" },
      'users "root" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
    ],
    [
      { "Impersonate-User": "bob", "Impersonate-Group": "system:masters" },
      'groups "system:masters" is forbidden: User "jane" cannot impersonate resource "groups" in API group "" at the cluster scope',
    ],
    [
      { "Impersonate-User": "bob", "Impersonate-Group": ["team", "system:masters"] },
      'groups "system:masters" is forbidden: User "jane" cannot impersonate resource "groups" in API group "" at the cluster scope',
    ],
    [
      { "Impersonate-User": "bob", "Impersonate-Uid": "1" },
      'uids.authentication.k8s.io "1" is forbidden: User "jane" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope',
    ],
    [
      { "Impersonate-User": "bob", "Impersonate-Extra-Scopes": ["view", "edit"] },
      'userextras.authentication.k8s.io "edit" is forbidden: User "jane" cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope',
    ],
    [
      { "Impersonate-User": "system:serviceaccount:default:other" },
      'serviceaccounts "other" is forbidden: User "jane" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "default"',
    ],
  ];
  for (const [headers, message] of refused)
    it(`as ${JSON.stringify(headers)} is refused, on every path`, async () => {
      for (const path of [processesPath, "/healthz", "/version", "/api", "/nothing"]) {
        const { code, json } = await ask(headers, "jane", path);
        assert.deepEqual([code, json.reason, json.message], [403, "Forbidden", message], path);
      }
    });

  it("is of one step: who is impersonated impersonates nobody, and no header comes twice", async () => {
    // bob may be anybody, and jane may be bob: she is not anybody.
    assert.equal((await ask({ "Impersonate-User": "root", "Impersonate-Group": "system:masters" })).code, 403);
    const twice = await ask({ "Impersonate-User": ["bob", "root"] });
    assert.equal(twice.code, 400, twice.text);
  });

  it("means nothing without a user, or in a word that nobody knows: it is not ignored", async () => {
    for (const headers of [
      { "Impersonate-Group": "team" },
      { "impersonate-user": "" },
      { "Impersonate-Uid": "1" },
      { "IMPERSONATE-SOMETHING-NEW": "x", "Impersonate-User": "bob" },
    ])
      for (const as of ["admin", "jane"] as const)
        assert.equal((await ask(headers as Record<string, string>, as)).code, 400, JSON.stringify(headers));
    for (const path of ["/version", "/healthz", processesPath])
      assert.equal((await ask({ "Impersonate-User": "bob" }, "nobody", path)).code, 401, path);
  });

  it("is known to who asks who he is", async () => {
    const who = async (headers: Record<string, string | string[]>, as: "admin" | "jane" = "jane") =>
      (
        await server.ask("POST", whoami, {
          as,
          headers,
          body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
        })
      ).json.status.userInfo;
    assert.deepEqual(await who({}), { username: "jane", groups: ["developers", "system:authenticated"] });
    assert.deepEqual(
      await who({ "Impersonate-User": "bob", "Impersonate-Group": "team", "Impersonate-Extra-scopes": "view" }),
      {
        username: "bob",
        groups: ["team", "system:authenticated"],
        extra: { scopes: ["view"] },
      },
    );
    assert.deepEqual(await who({ "Impersonate-User": "system:serviceaccount:default:robot" }), {
      username: "system:serviceaccount:default:robot",
      groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
    });
  });
});
