import type { ClusterRole, ClusterRoleBinding, PolicyRule } from "../../api/types.generated.ts";

/** The annotation by which a default role is kept up to date at each start, unless it says "false"; and the label of all of them. */
export const AUTOUPDATE = "rbac.authorization.kubernetes.io/autoupdate";
const DEFAULTS = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const RBAC = "rbac.authorization.k8s.io";

const words = (text: string): string[] => text.split(" ").map((word) => (word === "core" ? "" : word));
const rule = (groups: string, resources: string, verbs: string, names?: string): PolicyRule => ({
  verbs: words(verbs),
  apiGroups: words(groups),
  resources: words(resources),
  ...(names === undefined ? {} : { resourceNames: words(names) }),
});
const paths = (urls: string, verbs: string): PolicyRule => ({ verbs: words(verbs), nonResourceURLs: words(urls) });

const READ = "get list watch";
const CHANGE = "create delete deletecollection patch update";

function role(name: string, rules: PolicyRule[], aggregateTo?: string): ClusterRole {
  const labels =
    aggregateTo === undefined ? DEFAULTS : { ...DEFAULTS, [`${RBAC}/aggregate-to-${aggregateTo}`]: "true" };
  return {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRole",
    metadata: { name, labels, annotations: { [AUTOUPDATE]: "true" } },
    rules,
  };
}

/** Its rules are those of all roles that say so by a label: a kind that comes later adds itself. */
function aggregated(name: string, aggregateTo?: string): ClusterRole {
  const selector = { matchLabels: { [`${RBAC}/aggregate-to-${name}`]: "true" } };
  return { ...role(name, [], aggregateTo), aggregationRule: { clusterRoleSelectors: [selector] } };
}

const DISCOVERY = "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/";

const ISSUER_DISCOVERY =
  "/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/";

/** Kubernetes' default roles, as far as their resources are here, and what they mean for ours. */
export const defaultClusterRoles: readonly ClusterRole[] = [
  role("cluster-admin", [rule("*", "*", "*"), paths("*", "*")]),
  role("system:discovery", [paths(DISCOVERY, "get")]),
  role("system:public-info-viewer", [paths("/healthz /livez /readyz /version /version/", "get")]),
  role("system:monitoring", [paths("/healthz /healthz/* /livez /livez/* /metrics /readyz /readyz/*", "get")]),
  role("system:basic-user", [
    rule("authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews", "create"),
    rule("authentication.k8s.io", "selfsubjectreviews", "create"),
  ]),
  role("system:service-account-issuer-discovery", [paths(ISSUER_DISCOVERY, "get")]),
  role("system:auth-delegator", [
    rule("authentication.k8s.io", "tokenreviews", "create"),
    rule("authorization.k8s.io", "subjectaccessreviews", "create"),
  ]),
  aggregated("admin"),
  aggregated("edit", "admin"),
  aggregated("view", "edit"),
  role(
    "system:aggregate-to-admin",
    [
      rule("authorization.k8s.io", "localsubjectaccessreviews", "create"),
      rule(RBAC, "roles rolebindings", `${CHANGE} ${READ}`),
    ],
    "admin",
  ),
  role(
    "system:aggregate-to-edit",
    [
      rule("wctl.dev", "processes processes/scale gitsources", CHANGE),
      // What wctl makes of a Process is not written by people: to delete a copy is to have another.
      rule("wctl.dev", "instances homes", "delete deletecollection"),
      rule("wctl.dev", "instances/exec", "create"),
      rule("core", "pods", "delete deletecollection"),
      rule("core", "pods/eviction", "create"),
      rule("core", "pods/attach pods/exec pods/portforward", "get create"),
      rule("core", "configmaps events secrets serviceaccounts", CHANGE),
      rule("core", "secrets", READ),
      // What he writes may hold up the deletion of what he writes.
      rule("wctl.dev", "processes/finalizers", "update"),
      rule("core", "configmaps/finalizers secrets/finalizers serviceaccounts/finalizers", "update"),
      rule("core", "serviceaccounts", "impersonate"),
      rule("core", "serviceaccounts/token", "create"),
      // Of accounts only the one that is nobody else's: others are given by name.
      rule("wctl.dev", "accounts", "use", "Dynamic"),
    ],
    "edit",
  ),
  role(
    "system:aggregate-to-view",
    [
      rule(
        "wctl.dev",
        "processes processes/scale processes/status processes/log gitsources gitsources/status gitsources/diff",
        READ,
      ),
      rule("wctl.dev", "instances instances/status instances/log homes", READ),
      rule("core", "pods pods/log pods/status configmaps events namespaces services serviceaccounts", READ),
      rule("events.k8s.io", "events", READ),
      rule("apps", "controllerrevisions", READ),
      rule("metrics.k8s.io metrics.wctl.dev", "pods instances", READ),
    ],
    "view",
  ),
];

function bound(name: string, ...groups: string[]): ClusterRoleBinding {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name, labels: DEFAULTS, annotations: { [AUTOUPDATE]: "true" } },
    subjects: groups.map((group) => ({ kind: "Group", apiGroup: RBAC, name: group })),
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name },
  };
}

export const defaultClusterRoleBindings: readonly ClusterRoleBinding[] = [
  bound("cluster-admin", "system:masters"),
  bound("system:discovery", "system:authenticated"),
  bound("system:basic-user", "system:authenticated"),
  bound("system:public-info-viewer", "system:authenticated", "system:unauthenticated"),
  bound("system:monitoring", "system:monitoring"),
  bound("system:service-account-issuer-discovery", "system:serviceaccounts"),
];
