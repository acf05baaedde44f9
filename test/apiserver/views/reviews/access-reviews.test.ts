import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { clusterRoleBindings, type Resource, roleBindings } from "../../../../api/scheme.ts";
import { defaultAuthorizer } from "../../../../apiserver/authorization/default-authorizer.ts";
import { UserAuthority } from "../../../../apiserver/authorization/user-authority.ts";
import { accessReviews } from "../../../../apiserver/views/reviews/access-reviews.ts";
import { TestServer } from "../../test-server.ts";

let server: TestServer;
const rbac = "rbac.authorization.k8s.io/v1";
before(async () => {
  server = await TestServer.start({
    views: (registry) => accessReviews((user) => new UserAuthority(user, defaultAuthorizer(registry as never))),
  });
  const subjects = [{ kind: "User", name: "jane" }];
  const bind = (kind: string, name: string) => ({
    apiVersion: rbac,
    kind,
    metadata: { name },
    subjects,
    roleRef: { kind: "ClusterRole", name },
  });
  const { registry } = server;
  await registry.create(
    roleBindings as unknown as Resource,
    "default",
    bind("RoleBinding", "system:aggregate-to-edit"),
    {},
  );
  await registry.create(
    clusterRoleBindings as unknown as Resource,
    undefined,
    bind("ClusterRoleBinding", "system:auth-delegator"),
    {},
  );
});
after(() => server.stop());

const ask = async (kind: string, spec: unknown, as: "jane" | "admin" = "jane", namespace?: string) => {
  const place = namespace === undefined ? "" : `/namespaces/${namespace}`;
  const path = `/apis/authorization.k8s.io/v1${place}/${kind.toLowerCase()}s`;
  const { code, json, text } = await server.ask("POST", path, {
    as,
    body: { apiVersion: "authorization.k8s.io/v1", kind, spec } as object,
  });
  return { code, json, text };
};
const mayI = async (resourceAttributes: object) =>
  (await ask("SelfSubjectAccessReview", { resourceAttributes })).json.status.allowed;

describe("a question of another type", () => {
  const refused =
    /^SelfSubjectAccessReview in version "v1" cannot be handled as a SelfSubjectAccessReview: Invalid value: .*spec/;
  const odd: [string, unknown][] = [
    ["a list for an object", { resourceAttributes: { verb: "get" }, nonResourceAttributes: [] }],
    ["a number for a text", { resourceAttributes: { verb: 1 } }],
    ["a text for the whole", "fz"],
    ["a list for the whole", []],
  ];
  for (const [what, spec] of odd) {
    it(`is none: ${what}`, async () => {
      const { code, json } = await ask("SelfSubjectAccessReview", spec);
      assert.deepEqual([code, json.reason], [400, "BadRequest"]);
      assert.match(json.message, refused);
    });
  }

  it("comes back without what there is no field for, which is warned of, or refused when that is asked for", async () => {
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const spec = { resourceAttributes: { verb: "get", resorce: "pods" } };
    const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec };
    const warned = await server.ask("POST", path, { body });
    assert.deepEqual([warned.code, warned.json.spec], [201, { resourceAttributes: { verb: "get" } }]);
    assert.match(String(warned.headers.warning), /unknown field .*resorce/);
    const strict = await server.ask("POST", `${path}?fieldValidation=Strict`, { body });
    assert.equal(strict.code, 400);
    assert.match(strict.json.message, /strict decoding error: unknown field "spec.resourceAttributes.resorce"/);
  });
});

describe("may I?", () => {
  it("is what the request itself would be told", async () => {
    const processes = { verb: "create", group: "wctl.dev", resource: "processes" };
    assert.equal(await mayI({ ...processes, namespace: "default" }), true);
    for (const other of [
      { ...processes, namespace: "other" },
      processes,
      { ...processes, namespace: "default", subresource: "status" },
      { ...processes, namespace: "default", group: "apps" },
    ])
      assert.equal(await mayI(other), false, JSON.stringify(other));
    assert.equal(
      await mayI({ verb: "use", group: "wctl.dev", resource: "accounts", name: "Dynamic", namespace: "default" }),
      true,
    );
    assert.equal(await mayI({ verb: "use", group: "wctl.dev", resource: "accounts", namespace: "default" }), false);
    const path = (path: string) => ask("SelfSubjectAccessReview", { nonResourceAttributes: { verb: "get", path } });
    assert.equal((await path("/apis")).json.status.allowed, true);
    assert.equal((await path("/metrics")).json.status.allowed, false);
  });

  it("is not answered before it was read whole", async () => {
    const bad: [unknown, number, RegExp][] = [
      [{}, 422, /exactly one of nonResourceAttributes or resourceAttributes must be specified/],
      [undefined, 422, /exactly one/],
      [
        { resourceAttributes: {}, nonResourceAttributes: {} },
        422,
        /cannot be specified in combination with resourceAttributes/,
      ],
      [{ resourceAttributes: { verb: ["get"] } }, 400, /spec.resourceAttributes.verb in body must be of type string/],
      [{ resourceAttributes: "x" }, 400, /spec.resourceAttributes in body must be of type object/],
    ];
    for (const [spec, code, message] of bad) {
      const answer = await ask("SelfSubjectAccessReview", spec, "admin");
      assert.equal(answer.code, code, answer.text);
      assert.match(answer.json.message, message);
    }
    assert.equal(await mayI({}), false);
  });

  it("comes back with what was asked", async () => {
    const spec = { resourceAttributes: { verb: "get", resource: "pods" } };
    const { code, json } = await ask("SelfSubjectAccessReview", spec);
    assert.deepEqual([code, json.kind, json.spec], [201, "SelfSubjectAccessReview", spec]);
  });
});

describe("what may I?", () => {
  it("says which roles are bound and not there, each once, as the refusal of a request does", async () => {
    const { registry } = server;
    const here = (name: string) => ({
      apiVersion: rbac,
      kind: "RoleBinding",
      metadata: { name },
      subjects: [{ kind: "User", name: "jane" }],
      roleRef: { kind: name === "lost-3" ? "Role" : "ClusterRole", name: name === "lost-2" ? "lost-1" : name },
    });
    const lost = ["lost-1", "lost-2", "lost-3"];
    for (const name of lost) await registry.create(roleBindings as unknown as Resource, "default", here(name), {});
    const missing =
      '[clusterrole.rbac.authorization.k8s.io "lost-1" not found, role.rbac.authorization.k8s.io "lost-3" not found]';
    const no = { namespace: "default", verb: "get", resource: "nothing" };
    const { json } = await ask("SelfSubjectAccessReview", { resourceAttributes: no });
    assert.deepEqual(json.status, { allowed: false, reason: `RBAC: ${missing}` });
    const elsewhere = { ...no, namespace: "other" };
    assert.deepEqual((await ask("SelfSubjectAccessReview", { resourceAttributes: elsewhere })).json.status, {
      allowed: false,
    });
    const rules = await ask("SelfSubjectRulesReview", { namespace: "default" });
    assert.equal(rules.json.status.evaluationError, missing);
    const path = "/apis/wctl.dev/v1/namespaces/default/processes/x/status";
    const refused = await server.ask("PUT", path, { as: "jane", body: {} });
    assert.equal(refused.code, 403);
    assert.ok(refused.json.message.endsWith(` in the namespace "default": RBAC: ${missing}`), refused.json.message);
    for (const name of lost) await registry.delete(roleBindings as unknown as Resource, `default/${name}`, {});
  });

  it("lists the rules of a namespace, apart by kind", async () => {
    const { status } = (await ask("SelfSubjectRulesReview", { namespace: "default" })).json;
    assert.equal(status.incomplete, false);
    assert.ok(status.resourceRules.some(({ resources }: { resources: string[] }) => resources.includes("processes")));
    assert.ok(
      status.nonResourceRules.some(({ nonResourceURLs }: { nonResourceURLs: string[] }) =>
        nonResourceURLs.includes("/api/*"),
      ),
    );
    const elsewhere = (await ask("SelfSubjectRulesReview", { namespace: "other" })).json.status.resourceRules;
    assert.ok(!elsewhere.some(({ resources }: { resources: string[] }) => resources.includes("processes")));
    assert.equal((await ask("SelfSubjectRulesReview", {})).code, 400);
    const all = (await ask("SelfSubjectRulesReview", { namespace: "x" }, "admin")).json.status;
    assert.deepEqual(all.resourceRules[0], { verbs: ["*"], apiGroups: ["*"], resources: ["*"] });
  });
});

describe("may somebody?", () => {
  const resourceAttributes = { verb: "get", resource: "secrets", namespace: "default" };
  it("is for who may ask that", async () => {
    assert.equal((await ask("SubjectAccessReview", { user: "jane", resourceAttributes })).json.status.allowed, true);
    assert.equal((await ask("SubjectAccessReview", { user: "bob", resourceAttributes })).json.status.allowed, false);
    assert.equal(
      (await ask("SubjectAccessReview", { groups: ["system:masters"], resourceAttributes })).json.status.allowed,
      true,
    );
    assert.equal((await ask("SubjectAccessReview", { resourceAttributes })).code, 422);
    assert.equal(
      (await ask("LocalSubjectAccessReview", { user: "jane", resourceAttributes }, "jane", "default")).code,
      403,
    );
  });
  it("in a namespace is about that namespace only", async () => {
    const asked = (spec: object) => ask("LocalSubjectAccessReview", { user: "jane", ...spec }, "admin", "default");
    assert.equal((await asked({ resourceAttributes })).json.status.allowed, true);
    assert.match(
      (await asked({ resourceAttributes: { ...resourceAttributes, namespace: "x" } })).json.message,
      /must match metadata.namespace/,
    );
    assert.match((await asked({ nonResourceAttributes: {} })).json.message, /disallowed on this kind of request/);
  });
});
