/** Nobody grants what he does not have: roles, bindings, and what programs may: accounts, and the content that decides what these do. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { StatusError } from "../../../api/errors.ts";
import {
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  controllerRevisions,
  instances,
  processes,
  roleBindings,
  roles,
  secrets,
} from "../../../api/scheme.ts";
import type { PolicyRule } from "../../../api/types.generated.ts";
import type { Identity } from "../../../apiserver/authentication/identity.ts";
import type { LocalClient } from "../../../apiserver/local-client.ts";
import { uncovered } from "../../../apiserver/rbac/covers.ts";
import { type Desk, instance, openDesk, process } from "../fixtures.ts";
import { localClients } from "../local-clients.ts";

const apiVersion = "rbac.authorization.k8s.io/v1";
const role = (name: string, rules: PolicyRule[], kind = "Role", more: object = {}) =>
  ({
    apiVersion,
    kind,
    metadata: { name, ...(kind === "Role" ? { namespace: "default" } : {}) },
    rules,
    ...more,
  }) as never;
const binding = (name: string, ref: string, subjects: object[], kind = "RoleBinding", refKind = "ClusterRole") =>
  ({
    apiVersion,
    kind,
    metadata: { name, ...(kind === "RoleBinding" ? { namespace: "default" } : {}) },
    subjects,
    roleRef: { kind: refKind, name: ref },
  }) as never;
const user = (name: string) => ({ kind: "User", name });
const may = (verbs: string, resources: string, groups = "", names?: string): PolicyRule => ({
  verbs: verbs.split(" "),
  apiGroups: groups.split(" "),
  resources: resources.split(" "),
  ...(names === undefined ? {} : { resourceNames: names.split(" ") }),
});
const rbac = "rbac.authorization.k8s.io";

let desk: Desk;
let as: (name: string, ...groups: string[]) => LocalClient;
before(async () => {
  desk = await openDesk();
  const clientOf = localClients(desk.registry);
  as = (name, ...groups) => clientOf({ name, groups: [...groups, "system:authenticated"] } satisfies Identity);
  const { client } = desk;
  await client.create(
    roles,
    role("manager", [
      may("create update patch get", "roles rolebindings", rbac),
      may("get list", "configmaps"),
      may("get", "secrets", "", "one"),
    ]),
  );
  await client.create(roleBindings, binding("managers", "manager", [user("mia")], "RoleBinding", "Role"));
  await client.create(
    clusterRoles,
    role("cluster-manager", [may("create update", "clusterroles clusterrolebindings", rbac)], "ClusterRole"),
  );
  await client.create(
    clusterRoleBindings,
    binding("cluster-managers", "cluster-manager", [user("carl")], "ClusterRoleBinding"),
  );
});
after(() => desk.store.close());

const message = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StatusError, "it was refused");
  return `${error.code} ${error.message}`;
};

describe("who may write roles", () => {
  it("grants what he has, and the refusal names what he has not", async () => {
    await as("mia").create(roles, role("ok", [may("get", "configmaps"), may("get", "secrets", "", "one")]));
    assert.equal(
      await message(as("mia").create(roles, role("more", [may("get delete", "configmaps"), may("get", "secrets")]))),
      `403 roles.${rbac} "more" is forbidden: user "mia" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["configmaps"], Verbs:["delete"]}
{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`,
    );
    for (const rule of [
      may("*", "configmaps"),
      may("get", "*"),
      may("get", "configmaps", "*"),
      may("get", "configmaps/status"),
      may("get", "secrets", "", "two"),
    ])
      assert.match(await message(as("mia").create(roles, role("more", [rule]))), /^403 .*not currently held/);
  });

  it("is told the verbs of a resource together, and which roles are bound to him and not there", async () => {
    await desk.client.create(roleBindings, binding("gone", "gone", [user("mia")], "RoleBinding", "Role"));
    const refused = await message(as("mia").create(roles, role("more", [may("get watch delete", "configmaps")])));
    await desk.client.delete(roleBindings, "default/gone");
    assert.match(
      refused,
      /:\n\{APIGroups:\[""\], Resources:\["configmaps"\], Verbs:\["watch" "delete"\]\}; resolution errors: \[roles\.rbac\.authorization\.k8s\.io "gone" not found\]$/,
    );
  });

  it("is refused in few words, however long his are", async () => {
    const verb = "v".repeat(100_000);
    const refused = await message(as("mia").create(roles, role("more", [may(verb, "a b c d e f")])));
    assert.ok(refused.length < 20_000, `${refused.length} letters`);
  });

  it("can't grow a role that is there, by update or patch, but may touch what grants nothing", async () => {
    const rules = [may("get", "configmaps")];
    await as("mia").create(roles, role("grows", rules));
    const grown = { type: "merge", body: { rules: [may("*", "*", "*")] } } as const;
    assert.match(await message(as("mia").patch(roles, "default/grows", grown)), /^403 .*not currently held/);
    // What an administrator granted he may not change, but its owners and finalizers he may.
    await desk.client.create(roles, role("strong", [may("*", "*", "*")]));
    const label = { type: "merge", body: { metadata: { labels: { a: "b" } } } } as const;
    assert.match(await message(as("mia").patch(roles, "default/strong", label)), /^403/);
    await as("mia").patch(roles, "default/strong", {
      type: "merge",
      body: { metadata: { finalizers: ["x.example/y"] } },
    });
  });

  it("with the verb escalate grants what he has not: by name only in a role that is there", async () => {
    await desk.client.create(roles, role("escalates", [may("escalate", "roles", rbac, "special")]));
    await desk.client.create(roleBindings, binding("escalates", "escalates", [user("mia")], "RoleBinding", "Role"));
    const wanted = [may("delete", "secrets")];
    assert.match(await message(as("mia").create(roles, role("special", wanted))), /^403/);
    await desk.client.create(roles, role("special", []));
    const rules = { type: "merge", body: { rules: wanted } } as const;
    await as("mia").patch(roles, "default/special", rules);
    assert.match(await message(as("mia").patch(roles, "default/escalates", rules)), /^403/);
    await desk.client.patch(roles, "default/escalates", {
      type: "merge",
      body: { rules: [may("escalate", "roles", rbac)] },
    });
    await as("mia").create(roles, role("other", [may("delete", "secrets")]));
    await desk.client.delete(roleBindings, "default/escalates");
  });

  it("needs everything to aggregate, since nobody knows what will come", async () => {
    const aggregates = { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } };
    assert.equal(
      await message(as("carl").create(clusterRoles, role("sum", [], "ClusterRole", aggregates))),
      `403 clusterroles.${rbac} "sum" is forbidden: must have cluster-admin privileges to use the aggregationRule`,
    );
    await as("root", "system:masters").create(clusterRoles, role("sum", [], "ClusterRole", aggregates));
  });

  it("is not made to count for ever: a rule that stands for billions of grants is refused at once", async () => {
    const many = (what: string) => Array.from({ length: 2_000 }, (_, n) => `${what}${n}`);
    const rule = { verbs: many("v"), apiGroups: many("g"), resources: many("r") };
    assert.match(
      await message(as("mia").create(roles, role("many", [rule]))),
      /^403 .*more than 20000 single permissions/s,
    );
  });
});

describe("what somebody may grant", () => {
  it("is not compared for minutes with the thousands of rules that he may have given himself", () => {
    const each = (verb: string, count: number) => Array.from({ length: count }, (_, n) => may(verb, `r${n}`));
    assert.equal(uncovered(each("get", 1_000), each("list", 1_000))?.length, 1_000);
    assert.equal(uncovered(each("get", 7_000), each("list", 7_000)), undefined);
  });
});

describe("who may write bindings", () => {
  it("hands on what he has himself, and no more", async () => {
    await as("mia").create(roleBindings, binding("self", "manager", [user("friend")], "RoleBinding", "Role"));
    for (const [ref, kind] of [
      ["cluster-admin", "ClusterRole"],
      ["system:aggregate-to-edit", "ClusterRole"],
      ["strong", "Role"],
    ] as const)
      assert.match(
        await message(as("mia").create(roleBindings, binding("up", ref, [user("mia")], "RoleBinding", kind))),
        /^403 .*not currently held/,
        ref,
      );
    assert.equal(
      await message(as("mia").create(roleBindings, binding("up", "ghost", [user("mia")], "RoleBinding", "Role"))),
      `404 roles.${rbac} "ghost" not found`,
    );
    assert.match(
      await message(
        as("carl").create(clusterRoleBindings, binding("up", "cluster-admin", [user("carl")], "ClusterRoleBinding")),
      ),
      /^403/,
    );
    // What is bound can't be exchanged, nor can somebody be added to what is not his.
    await desk.client.create(roleBindings, binding("theirs", "cluster-admin", [user("boss")]));
    const joins = { type: "merge", body: { subjects: [user("boss"), user("mia")] } } as const;
    assert.match(await message(as("mia").patch(roleBindings, "default/theirs", joins)), /^403/);
    const other = { type: "merge", body: { roleRef: { kind: "Role", name: "strong" } } } as const;
    assert.match(await message(desk.client.patch(roleBindings, "default/self", other)), /^422 .*cannot change roleRef/);
  });

  it("with the verb bind hands on that role", async () => {
    await desk.client.create(
      roles,
      role("binds", [may("bind", "clusterroles", rbac, "view"), may("create", "rolebindings", rbac)]),
    );
    await desk.client.create(roleBindings, binding("binds", "binds", [user("ben")], "RoleBinding", "Role"));
    await as("ben").create(roleBindings, binding("viewers", "view", [user("guest")]));
    assert.match(
      await message(as("ben").create(roleBindings, binding("admins", "cluster-admin", [user("guest")]))),
      /^403/,
    );
  });
});

describe("roles and bindings", () => {
  const refused = async (made: Promise<unknown>): Promise<string> =>
    (await message(made)).replace(/^.*is invalid: /, "");
  it("are refused with Kubernetes' words", async () => {
    const { client } = desk;
    const paths = { verbs: ["get"], nonResourceURLs: ["/metrics"] };
    assert.equal(
      await refused(client.create(roles, role("a", [{ verbs: [], apiGroups: [""], resources: ["x"] }]))),
      "rules[0].verbs: Required value: verbs must contain at least one value",
    );
    assert.equal(
      await refused(client.create(roles, role("a", [{ verbs: ["get"] }]))),
      "[rules[0].apiGroups: Required value: resource rules must supply at least one api group, rules[0].resources: Required value: resource rules must supply at least one resource]",
    );
    assert.match(
      await refused(client.create(roles, role("a", [paths]))),
      /namespaced rules cannot apply to non-resource URLs/,
    );
    assert.match(
      await refused(client.create(clusterRoles, role("a", [{ ...paths, resources: ["x"] }], "ClusterRole"))),
      /cannot apply to both regular resources and non-resource URLs/,
    );
    assert.match(await refused(client.create(clusterRoles, role("a/b", [], "ClusterRole"))), /may not contain '\/'/);
    assert.match(
      await refused(client.create(clusterRoles, role("a", [], "ClusterRole", { aggregationRule: {} }))),
      /at least one clusterRoleSelector required/,
    );
    assert.match(
      await refused(client.create(clusterRoleBindings, binding("a", "r", [], "ClusterRoleBinding", "Role"))),
      /roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"/,
    );
    assert.match(
      await refused(client.create(roleBindings, binding("a", "r", [{ kind: "Robot", name: "x" }]))),
      /subjects\[0\].kind: Unsupported value: "Robot"/,
    );
    assert.match(
      await refused(
        client.create(
          clusterRoleBindings,
          binding("a", "r", [{ kind: "ServiceAccount", name: "x" }], "ClusterRoleBinding"),
        ),
      ),
      /subjects\[0\].namespace: Required value/,
    );
  });

  it("get the groups that fit, and names with colons and capitals", async () => {
    const made = await desk.client.create(
      roleBindings,
      binding("System:X", "view", [user("x"), { kind: "ServiceAccount", name: "robot", namespace: "a" }]),
    );
    assert.deepEqual(
      [made.roleRef.apiGroup, made.subjects?.map(({ apiGroup }) => apiGroup)],
      [rbac, [rbac, undefined]],
    );
  });
});

describe("the account that a program runs as", () => {
  before(async () => {
    const { client } = desk;
    await client.create(roleBindings, binding("editors", "system:aggregate-to-edit", [user("eve")]));
    await client.create(roles, role("as-www", [may("use", "accounts", "wctl.dev", "www-data")]));
    await client.create(roleBindings, binding("as-www", "as-www", [user("wim")], "RoleBinding", "Role"));
    await client.create(roleBindings, binding("wim", "system:aggregate-to-edit", [user("wim")]));
  });
  const runsAs = (name: string, account?: string | undefined, spec: object = {}) =>
    process(name, { ...(account === undefined ? {} : { runAs: { account } }), ...spec });

  it("must have been given to who writes it; Dynamic is everybody's", async () => {
    await as("eve").create(processes, runsAs("own", "Dynamic"));
    assert.equal(
      await message(as("eve").create(processes, runsAs("up", "root"))),
      '403 processes.wctl.dev "up" is forbidden: User "eve" cannot use resource "accounts" "root" in API group "wctl.dev" in the namespace "default": spec.runAs.account says whose rights the program has',
    );
    for (const account of [undefined, "www-data", "dynamic", "Dynamic2", "1000"])
      assert.match(await message(as("eve").create(processes, runsAs("up", account))), /^403/, account);
    assert.match(
      await message(as("eve").create(processes, process("up", { runAs: { session: "Console" } }))),
      /^403 .*"session:Console"/,
    );
    await as("wim").create(processes, runsAs("www", "www-data"));
  });

  it("gets no new program from who was not given it, but may be scaled", async () => {
    await desk.client.create(processes, runsAs("roots", "root"));
    const change = (body: object) => as("eve").patch(processes, "default/roots", { type: "merge", body });
    for (const spec of [
      { command: "/bin/evil" },
      { args: ["x"] },
      { env: [{ name: "LD_PRELOAD", value: "x" }] },
      { runAs: { account: "daemon" } },
    ])
      assert.match(await message(change({ spec })), /^403/);
    await change({ spec: { replicas: 3 } });
    await change({ metadata: { labels: { a: "b" } } });
  });

  it("must be given of both accounts when it changes: what the one before has written goes along", async () => {
    const { client } = desk;
    await client.create(roles, role("as-root", [may("use", "accounts", "wctl.dev", "root Dynamic")]));
    await client.create(roleBindings, binding("as-root", "as-root", [user("rita")], "RoleBinding", "Role"));
    await client.create(roleBindings, binding("rita", "system:aggregate-to-edit", [user("rita")]));
    const to = (account: string) =>
      ({ type: "merge", body: { spec: { command: "/bin/mine", runAs: { account } } } }) as const;
    await client.create(processes, runsAs("handed", "root"));
    assert.match(
      await message(as("eve").patch(processes, "default/handed", to("Dynamic"))),
      /^403 .*User "eve" cannot use resource "accounts" "root"/,
    );
    await as("rita").patch(processes, "default/handed", to("Dynamic"));
    await as("eve").patch(processes, "default/handed", { type: "merge", body: { spec: { args: ["x"] } } });
  });

  it("is asked of who writes the content that its programs are given", async () => {
    const { client } = desk;
    const from = (name: string, more: object = {}) => ({ envFrom: [{ configMapRef: { name, ...more } }] });
    const map = (name: string, data: Record<string, string> = { LD_PRELOAD: "/tmp/evil.so" }) =>
      ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data }) as never;
    await client.create(configMaps, map("roots", { A: "1" }));
    await client.create(processes, runsAs("with-map", "root", from("roots")));
    const secretRef = { name: "hers", key: "k" };
    await client.create(
      processes,
      runsAs("with-more", "root", { ...from("later", { optional: true }), files: [{ path: "f", secretRef }] }),
    );
    const data = (name: string, body: object) =>
      as("eve").patch(configMaps, `default/${name}`, { type: "merge", body });
    const refused =
      /^403 configmaps "\w+" is forbidden: User "eve" cannot use resource "accounts" "root" .*, and what is in here decides what it does$/;
    assert.match(await message(data("roots", { data: { A: "2" } })), refused);
    assert.match(await message(data("roots", { binaryData: { B: "AAAA" } })), refused);
    assert.match(
      await message(as("eve").patch(configMaps, "default/roots", { type: "apply", body: map("roots") })),
      refused,
    );
    assert.match(await message(as("eve").update(configMaps, map("roots"))), refused);
    assert.match(await message(as("eve").create(configMaps, map("later"))), refused);
    const hers = { apiVersion: "v1", kind: "Secret", metadata: { name: "hers", namespace: "default" } };
    assert.match(
      await message(as("eve").create(secrets, { ...hers, stringData: { k: "v" } } as never)),
      /^403 secrets "hers" .*"root"/,
    );
    await data("roots", { metadata: { labels: { a: "b" } } });
    await as("eve").create(configMaps, map("nobodys"));
    await as("eve").create(processes, runsAs("eves", "Dynamic", from("nobodys")));
    await data("nobodys", { data: { A: "2" } });
    // In other namespaces nobody of this one is given anything.
    assert.match(
      await message(as("eve").patch(configMaps, "other/roots", { type: "merge", body: {} })),
      /^403 .*cannot patch/,
    );
    // A copy that runs still has the template of before.
    const template = { ...(instance("old-0").spec as object), runAs: { account: "root" }, ...from("nobodys") };
    await client.create(instances, { ...instance("old-0"), spec: template } as never);
    assert.match(await message(data("nobodys", { data: { A: "3" } })), refused);
  });

  it("does not make a program run before others, which has a permission of its own", async () => {
    const with_ = (name: string, priorityClass: string) => runsAs(name, "Dynamic", { resources: { priorityClass } });
    for (const priorityClass of ["Idle", "BelowNormal", "Normal"])
      await as("eve").create(processes, with_(priorityClass.toLowerCase(), priorityClass));
    for (const priorityClass of ["AboveNormal", "High"])
      assert.match(
        await message(as("eve").create(processes, with_("up", priorityClass))),
        new RegExp(`cannot use resource "priorityclasses" "${priorityClass}" .* says before whom the program runs$`),
      );
    await desk.client.create(roles, role("first", [may("use", "priorityclasses", "wctl.dev", "High")]));
    await desk.client.create(roleBindings, binding("first", "first", [user("wim")], "RoleBinding", "Role"));
    await as("wim").create(processes, with_("high", "High"));
    await as("eve").patch(processes, "default/high", { type: "merge", body: { spec: { replicas: 2 } } });
  });

  it("holds for kept templates too, which wctl may bring back", async () => {
    const kept = (name: string, account?: string) =>
      ({
        apiVersion: "apps/v1",
        kind: "ControllerRevision",
        metadata: { name, namespace: "default" },
        data: { spec: { command: "/bin/evil", ...(account === undefined ? {} : { runAs: { account } }) } },
        revision: 1,
      }) as never;
    await desk.client.create(roles, role("keeps", [may("create patch", "controllerrevisions", "apps")]));
    await desk.client.create(roleBindings, binding("keeps", "keeps", [user("eve")], "RoleBinding", "Role"));
    for (const account of [undefined, "root"])
      assert.match(await message(as("eve").create(controllerRevisions, kept("up", account))), /^403 .*"accounts"/);
    await as("eve").create(controllerRevisions, kept("own", "Dynamic"));
    await desk.client.create(controllerRevisions, kept("roots", "root"));
    // Its place in the history is no program.
    await as("eve").patch(controllerRevisions, "default/roots", { type: "merge", body: { revision: 2 } });
  });

  it("holds for copies too, which who may edit does not write at all", async () => {
    const copy = {
      ...instance("copy-0"),
      spec: { ...(instance("copy-0").spec as object), runAs: { account: "root" } },
    };
    assert.match(
      await message(as("eve").create(instances, copy as never)),
      /^403 .*cannot create resource "instances"/,
    );
    await desk.client.create(roles, role("copies", [may("create", "instances", "wctl.dev")]));
    await desk.client.create(roleBindings, binding("copies", "copies", [user("ida")], "RoleBinding", "Role"));
    assert.match(
      await message(as("ida").create(instances, copy as never)),
      /^403 .*cannot use resource "accounts" "root"/,
    );
  });
});

describe("the default roles", () => {
  it("get back what they lack at a start, keep what was added, and are left alone when they say so", async () => {
    const { client, registry } = desk;
    await client.patch(clusterRoles, "system:discovery", {
      type: "merge",
      body: { rules: [{ verbs: ["get"], nonResourceURLs: ["/mine"] }], metadata: { labels: { own: "x" } } },
    });
    await client.patch(clusterRoles, "system:basic-user", {
      type: "merge",
      body: { rules: [], metadata: { annotations: { "rbac.authorization.kubernetes.io/autoupdate": "false" } } },
    });
    await client.patch(clusterRoleBindings, "cluster-admin", {
      type: "merge",
      body: { subjects: [{ kind: "User", name: "boss" }] },
    });
    const [first, ...others] = (await client.get(clusterRoles, "system:auth-delegator")).rules ?? [];
    await client.patch(clusterRoles, "system:auth-delegator", { type: "merge", body: { rules: others } });
    await client.delete(clusterRoleBindings, "system:discovery");
    await registry.bootstrap();
    assert.deepEqual(
      (await client.get(clusterRoles, "system:auth-delegator")).rules,
      [...others, first],
      "what it has comes not twice",
    );
    const discovery = await client.get(clusterRoles, "system:discovery");
    assert.deepEqual(
      discovery.rules?.flatMap(
        ({ nonResourceURLs }) => nonResourceURLs?.includes("/mine") || nonResourceURLs?.includes("/api"),
      ),
      [true, true],
    );
    assert.equal(discovery.metadata.labels?.own, "x");
    assert.deepEqual((await client.get(clusterRoles, "system:basic-user")).rules ?? [], []);
    assert.deepEqual(
      (await client.get(clusterRoleBindings, "cluster-admin")).subjects?.map(({ name }) => name),
      ["boss", "system:masters"],
    );
    assert.equal((await client.get(clusterRoleBindings, "system:discovery")).roleRef.name, "system:discovery");
    const { resourceVersion } = discovery.metadata;
    await registry.bootstrap();
    assert.equal(
      (await client.get(clusterRoles, "system:discovery")).metadata.resourceVersion,
      resourceVersion,
      "a second start changes nothing",
    );
  });
});
