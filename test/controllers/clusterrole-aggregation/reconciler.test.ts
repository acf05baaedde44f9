import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clusterRoles } from "../../../api/scheme.ts";
import type { ClusterRole, PolicyRule } from "../../../api/types.generated.ts";
import { aggregatedRules } from "../../../controllers/clusterrole-aggregation/aggregate.ts";
import { ClusterRoleAggregation, watchClusterRoles } from "../../../controllers/clusterrole-aggregation/reconciler.ts";
import { Cluster } from "../../machinery/cluster.ts";

const rule = (resource: string): PolicyRule => ({ verbs: ["get"], apiGroups: [""], resources: [resource] });
const role = (
  name: string,
  labels: Record<string, string>,
  rules: PolicyRule[] = [],
  more: Partial<ClusterRole> = {},
): ClusterRole => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name, labels },
  rules,
  ...more,
});
const sumOf = (...clusterRoleSelectors: NonNullable<ClusterRole["aggregationRule"]>["clusterRoleSelectors"] & object) =>
  role("sum", {}, [], { aggregationRule: { clusterRoleSelectors } });

describe("the rules of an aggregated ClusterRole", () => {
  const all = [
    role("b", { to: "x" }, [rule("two"), rule("one")]),
    role("a", { to: "x" }, [rule("one")]),
    role("c", { to: "y" }, [rule("three")]),
  ] as never[];
  const resources = (sum: ClusterRole) => aggregatedRules(sum, all).flatMap((one) => one.resources);
  it("are those of its parts, by name and once", () => {
    assert.deepEqual(resources(sumOf({ matchLabels: { to: "x" } })), ["one", "two"]);
    assert.deepEqual(resources(sumOf({ matchLabels: { to: "y" } }, { matchLabels: { to: "x" } })), [
      "three",
      "one",
      "two",
    ]);
    assert.deepEqual(resources(sumOf({ matchExpressions: [{ key: "to", operator: "NotIn", values: ["x"] }] })), [
      "three",
    ]);
    assert.deepEqual(
      resources(sumOf({ matchExpressions: [{ key: "to", operator: "Exists" }], matchLabels: { to: "y" } })),
      ["three"],
    );
    assert.deepEqual(resources(sumOf()), []);
  });
});

describe("aggregation", () => {
  it("follows what is added and taken away, also through a role that is aggregated itself; the default roles get theirs", async (t) => {
    const cluster = await Cluster.open(t);
    const roles = cluster.informer(clusterRoles);
    const client = cluster.as("clusterrole-aggregation");
    watchClusterRoles(
      cluster.controller("clusterrole-aggregation", new ClusterRoleAggregation({ client, roles: roles.lister })),
      roles,
    );
    await cluster.start();
    await cluster.calm();
    const of = async (name: string) =>
      new Set((await cluster.client.get(clusterRoles, name)).rules?.flatMap((one) => one.resources ?? []));
    assert.ok((await of("view")).has("processes/log"));
    assert.ok((await of("edit")).has("instances/exec") && (await of("edit")).has("processes/log"));
    assert.ok(
      (await of("admin")).has("rolebindings") &&
        (await of("admin")).has("instances/exec") &&
        (await of("admin")).has("processes/log"),
    );
    await cluster.client.create(
      clusterRoles,
      role("more", { "rbac.authorization.k8s.io/aggregate-to-view": "true" }, [rule("widgets")]),
    );
    await cluster.calm();
    assert.ok((await of("admin")).has("widgets"));
    await cluster.client.delete(clusterRoles, "more");
    await cluster.calm();
    assert.ok(!(await of("admin")).has("widgets"));
  });
});
