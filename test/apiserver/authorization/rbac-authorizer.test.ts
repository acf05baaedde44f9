import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { KubeObject } from "../../../api/object.ts";
import { clusterRoleBindings, clusterRoles, type Resource, roleBindings, roles } from "../../../api/scheme.ts";
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "../../../api/types.generated.ts";
import {
  controllerIdentity,
  type Identity,
  nodeIdentity,
  sourceIdentity,
} from "../../../apiserver/authentication/identity.ts";
import type { Attributes } from "../../../apiserver/authorization/attributes.ts";
import { administrators, monitors } from "../../../apiserver/authorization/authorizer.ts";
import { bootstrapRulesOf } from "../../../apiserver/authorization/bootstrap-roles.ts";
import { NodeAuthorizer } from "../../../apiserver/authorization/node-authorizer.ts";
import { RbacAuthorizer } from "../../../apiserver/authorization/rbac-authorizer.ts";
import { RuleAuthorizer } from "../../../apiserver/authorization/rules.ts";
import { repeats } from "../../repeats.ts";
import { openDesk } from "../fixtures.ts";
import { authorizerContract } from "./authorizer-contract.ts";

interface World {
  roles: Role[];
  clusterRoles: ClusterRole[];
  bindings: RoleBinding[];
  clusterBindings: ClusterRoleBinding[];
}

/** Only what the Authorizer reads: the world, by kind. */
function authorizerOf(world: World): RbacAuthorizer {
  const kept = new Map<unknown, KubeObject[]>([
    [roles, world.roles],
    [clusterRoles, world.clusterRoles],
    [roleBindings, world.bindings],
    [clusterRoleBindings, world.clusterBindings],
  ]);
  const stored = (resource: unknown) => {
    const objects = kept.get(resource)!;
    const keyOf = ({ metadata }: KubeObject) =>
      metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
    return {
      list: ({ namespace }: { namespace?: string }) => ({
        items: objects.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
      }),
      find: (key: string) => objects.find((one) => keyOf(one) === key),
    };
  };
  return new RbacAuthorizer({ stored } as never);
}

/** The slow and obvious reading of Kubernetes' documentation: every way in which a role may reach a user, written out. */
function obvious(world: World, user: Identity, asked: Attributes): boolean {
  const subjects = (binding: RoleBinding | ClusterRoleBinding) =>
    (binding.subjects ?? []).map((one) => {
      if (one.kind === "User") return user.name === one.name;
      if (one.kind === "Group") return user.groups.indexOf(one.name) >= 0;
      const space = one.namespace ?? binding.metadata.namespace;
      return space !== undefined && user.name.split(":").join("/") === `system/serviceaccount/${space}/${one.name}`;
    });
  const granted: ClusterRole["rules"][] = [];
  for (const binding of world.clusterBindings)
    if (subjects(binding).some(Boolean))
      for (const role of world.clusterRoles) if (role.metadata.name === binding.roleRef.name) granted.push(role.rules);
  if (asked.kind === "resource" && asked.namespace)
    for (const binding of world.bindings) {
      if (binding.metadata.namespace !== asked.namespace || !subjects(binding).some(Boolean)) continue;
      const { kind, name } = binding.roleRef;
      for (const role of kind === "Role" ? world.roles : world.clusterRoles) {
        if (role.metadata.name !== name) continue;
        if (kind === "Role" && role.metadata.namespace !== asked.namespace) continue;
        granted.push(role.rules);
      }
    }
  return granted
    .flatMap((rules) => rules ?? [])
    .some((rule) => {
      const any = (list: readonly string[] | null | undefined, wanted: (one: string) => boolean) =>
        !!list?.some(wanted);
      if (!any(rule.verbs, (verb) => verb === "*" || verb === asked.verb)) return false;
      if (asked.kind === "path")
        return any(rule.nonResourceURLs, (url) =>
          url.endsWith("*") ? asked.path.slice(0, url.length - 1) === url.slice(0, -1) : url === asked.path,
        );
      const whole = [asked.resource.plural, asked.subresource].filter((part) => part !== undefined).join("/");
      const names = [whole, "*", ...(asked.subresource === undefined ? [] : [`*/${asked.subresource}`])];
      return (
        any(rule.apiGroups, (group) => group === "*" || group === asked.resource.group) &&
        any(rule.resources, (resource) => names.includes(resource)) &&
        (!rule.resourceNames?.length ||
          any(rule.resourceNames, (name) => (name === "" ? !asked.name : name === asked.name)))
      );
    });
}

const some = <T>(...values: T[]) => fc.subarray(values, { minLength: 1 });
const of = <T>(...values: T[]) => fc.constantFrom(...values);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const rule = fc.oneof(
  fc.record({
    verbs: some("get", "list", "create", "*"),
    apiGroups: some("", "wctl.dev", "*"),
    resources: some("pods", "pods/log", "secrets", "*/log", "*"),
    resourceNames: maybe(fc.subarray(["a", "b", ""])),
  }),
  fc.record({ verbs: some("get", "post", "*"), nonResourceURLs: some("/metrics", "/api/*", "*", "/healthz") }),
) as fc.Arbitrary<NonNullable<Role["rules"]>[number]>;
const rules = fc.array(rule, { maxLength: 3 });
const subject = fc.record({
  kind: of("User", "Group", "ServiceAccount"),
  name: of("jane", "team", "robot"),
  namespace: maybe(of("x", "y")),
});
const roleName = of("r1", "r2", "missing");
const named = <T extends object>(fields: T, name: string, namespace?: string): never =>
  ({ ...fields, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } }) as never;
const space = of("x", "y");
const worlds: fc.Arbitrary<World> = fc
  .record({
    roles: fc.array(
      fc.tuple(of("r1", "r2"), space, rules).map(([name, ns, some]) => named({ rules: some }, name, ns)),
      { maxLength: 3 },
    ),
    clusterRoles: fc
      .uniqueArray(fc.tuple(of("r1", "r2"), rules), { maxLength: 2, selector: ([name]) => name })
      .map((list) => list.map(([name, some]) => named({ rules: some }, name))),
    bindings: fc.array(
      fc
        .tuple(of("b1", "b2"), space, fc.array(subject, { maxLength: 3 }), of("Role", "ClusterRole"), roleName)
        .map(([name, ns, subjects, kind, ref]) => named({ subjects, roleRef: { kind, name: ref } }, name, ns)),
      { maxLength: 3 },
    ),
    clusterBindings: fc.array(
      fc
        .tuple(fc.array(subject, { maxLength: 3 }), roleName)
        .map(([subjects, ref]) => named({ subjects, roleRef: { kind: "ClusterRole", name: ref } }, "b")),
      { maxLength: 2 },
    ),
  })
  .map((world) => ({ ...world, roles: distinct(world.roles) }));
const distinct = (list: Role[]): Role[] => [
  ...new Map(list.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one])).values(),
];
const users: fc.Arbitrary<Identity> = fc.record({
  name: of("jane", "system:serviceaccount:x:robot", "system:serviceaccount:y:robot", "other"),
  groups: fc.subarray(["team", "system:authenticated"]),
});
const asks: fc.Arbitrary<Attributes> = fc.oneof(
  fc.record({
    kind: fc.constant("resource" as const),
    verb: of("get", "list", "create", "delete"),
    resource: fc.record({ group: of("", "wctl.dev", "apps"), plural: of("pods", "secrets") }),
    subresource: maybe(of("log", "status")),
    namespace: maybe(of("x", "y", "z")),
    name: maybe(of("a", "b", "c")),
  }),
  fc.record({
    kind: fc.constant("path" as const),
    verb: of("get", "post", "put"),
    path: of("/metrics", "/api/v1", "/api", "/healthz", "/"),
  }),
);

describe("roles", () => {
  it("allow what a slow and obvious reading of them allows, whatever they are", () => {
    let allowed = 0;
    const runs = repeats(3_000);
    fc.assert(
      fc.property(worlds, users, fc.array(asks, { minLength: 1, maxLength: 5 }), (world, user, questions) => {
        const authorizer = authorizerOf(world);
        for (const asked of questions) {
          const expected = obvious(world, user, asked);
          if (expected) allowed++;
          assert.equal(authorizer.allows(user, asked), expected);
        }
      }),
      { numRuns: runs },
    );
    assert.ok(allowed > runs / 50, `only ${allowed} were allowed: the test looks at nothing`);
  });
});

const jane: Identity = { name: "jane", groups: ["system:authenticated"] };

authorizerContract("roles", async () => {
  const { registry } = await openDesk();
  const subjects = [{ kind: "User", name: "jane" }];
  for (const name of ["edit", "system:aggregate-to-edit", "system:aggregate-to-view"]) {
    const binding = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: name.replaceAll(":", "-") },
      subjects,
      roleRef: { kind: "ClusterRole", name },
    };
    await registry.create(roleBindings as unknown as Resource, "default", binding, {});
  }
  return { authorizer: new RbacAuthorizer(registry), users: [jane, { name: "root", groups: ["system:masters"] }] };
});
authorizerContract("roles, of a source without a ServiceAccount", async () => {
  const { registry } = await openDeskOfEditors();
  return { authorizer: new RbacAuthorizer(registry), users: [sourceIdentity("default", "fleet")] };
});
authorizerContract("administrators", async () => ({
  authorizer: administrators,
  users: [{ name: "root", groups: ["system:masters"] }],
}));
authorizerContract("who scrapes", async () => ({
  authorizer: monitors,
  users: [{ name: "p", groups: ["system:monitoring"] }],
}));
authorizerContract("agents", async () => ({
  authorizer: new NodeAuthorizer((await openDesk()).registry),
  users: [nodeIdentity("here")],
}));
authorizerContract("parts of the daemon", async () => ({
  authorizer: new RuleAuthorizer(bootstrapRulesOf),
  users: [controllerIdentity("process")],
}));

/** As the controller of aggregated roles leaves them. */
async function openDeskOfEditors() {
  const desk = await openDesk();
  const parts = ["system:aggregate-to-edit", "system:aggregate-to-view"];
  const rules = await Promise.all(parts.map(async (name) => (await desk.client.get(clusterRoles, name)).rules ?? []));
  await desk.client.patch(clusterRoles, "edit", { type: "merge", body: { rules: rules.flat() } });
  return desk;
}

describe("a source without a ServiceAccount", () => {
  const fleet = sourceIdentity("ops", "fleet");
  const act = (verb: string, what: string, namespace?: string, name?: string): Attributes => {
    const [path = "", subresource] = what.split("/");
    const [plural = "", ...group] = path.split(".");
    return {
      kind: "resource",
      verb,
      resource: { group: group.join("."), plural },
      ...(subresource === undefined ? {} : { subresource }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
    };
  };

  it("has what editors of its own namespace have, without a binding", async () => {
    const authorizer = new RbacAuthorizer((await openDeskOfEditors()).registry);
    for (const what of ["processes.wctl.dev", "configmaps", "secrets", "gitsources.wctl.dev", "serviceaccounts"])
      for (const verb of ["get", "create", "patch", "delete"])
        assert.ok(authorizer.allows(fleet, act(verb, what, "ops")), `${verb} ${what}`);
  });

  it("has nothing elsewhere, and nothing that would make it more than that", async () => {
    const authorizer = new RbacAuthorizer((await openDeskOfEditors()).registry);
    const refused = [
      act("get", "configmaps", "default"),
      act("list", "configmaps"),
      act("list", "configmaps", ""),
      act("get", "secrets", "ops:fleet"),
      act("create", "namespaces"),
      act("patch", "namespaces", "ops", "ops"),
      act("get", "nodes"),
      act("impersonate", "serviceaccounts", "ops", "robot"),
      act("impersonate", "users", "ops", "root"),
      act("create", "serviceaccounts/token", "ops", "robot"),
      act("create", "rolebindings.rbac.authorization.k8s.io", "ops"),
      act("create", "roles.rbac.authorization.k8s.io", "ops"),
      act("escalate", "roles.rbac.authorization.k8s.io", "ops"),
      act("use", "accounts.wctl.dev", "ops", "root"),
      act("use", "priorityclasses.wctl.dev", "ops", "High"),
      act("update", "gitsources.wctl.dev/status", "ops"),
      act("update", "processes.wctl.dev/status", "ops"),
    ];
    for (const asked of refused) assert.equal(authorizer.allows(fleet, asked), false, JSON.stringify(asked));
    for (const namespace of [undefined, "", "default"])
      assert.deepEqual(authorizer.rulesOf(fleet, namespace), authorizer.rulesOf(jane, namespace), "as everybody");
    assert.equal(authorizer.allows(fleet, { kind: "path", verb: "get", path: "/metrics" }), false);
  });

  it("is known by its name and its group together: neither alone is worth anything", async () => {
    const authorizer = new RbacAuthorizer((await openDeskOfEditors()).registry);
    const others: Identity[] = [
      { name: fleet.name, groups: ["system:authenticated", "system:wctl:sources"] },
      { name: fleet.name, groups: ["system:wctl:sources:default"] },
      { name: "jane", groups: fleet.groups },
      { name: "system:wctl:source:", groups: ["system:wctl:sources:"] },
      { name: "system:wctl:source:default:fleet", groups: fleet.groups },
      sourceIdentity("op", "s:fleet"),
    ];
    for (const user of others) assert.equal(authorizer.allows(user, act("get", "configmaps", "ops")), false, user.name);
  });

  it("has what is bound to it besides, to its group, and to all sources", async () => {
    const { registry, client } = await openDeskOfEditors();
    const authorizer = new RbacAuthorizer(registry);
    const subjects = [
      { kind: "User", name: "system:wctl:source:ops:fleet" },
      { kind: "Group", name: "system:wctl:sources:ops" },
      { kind: "Group", name: "system:wctl:sources" },
    ];
    for (const [at, subject] of subjects.entries()) {
      const name = `role-${at}`;
      const rules = [
        { verbs: ["use"], apiGroups: ["wctl.dev"], resources: ["accounts"], resourceNames: [`robot-${at}`] },
      ];
      const apiVersion = "rbac.authorization.k8s.io/v1";
      await client.create(clusterRoles, { apiVersion, kind: "ClusterRole", metadata: { name }, rules } as never);
      await client.create(clusterRoleBindings, {
        apiVersion,
        kind: "ClusterRoleBinding",
        metadata: { name },
        subjects: [subject],
        roleRef: { kind: "ClusterRole", name },
      } as never);
      assert.ok(authorizer.allows(fleet, act("use", "accounts.wctl.dev", "ops", `robot-${at}`)), name);
    }
    const other = sourceIdentity("default", "fleet");
    const robots = [0, 1, 2].map((at) =>
      authorizer.allows(other, act("use", "accounts.wctl.dev", "default", `robot-${at}`)),
    );
    assert.deepEqual(robots, [false, false, true]);
  });
});
