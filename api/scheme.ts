import type { KubeObject } from "./object.ts";
import type {
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  ControllerRevision,
  Event,
  GitSource,
  Home,
  Instance,
  Lease,
  Namespace,
  Node,
  Pod,
  Process,
  Role,
  RoleBinding,
  Secret,
  ServiceAccount,
} from "./types.generated.ts";

/**
 * One kind of the API: its names on the wire and on the command line. The type parameter is the Object's. What a kind means is known
 * to the API server only (`apiserver/kinds/`).
 */
export interface Resource<T extends KubeObject = KubeObject> {
  group: string;
  version: string;
  kind: T["kind"];
  plural: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
  /** Which are served. A kind with `status` has its status written there only. */
  subresources: readonly Subresource[];
  /** Phantom: carries T, never has a value. */
  readonly object?: T;
}

export type Subresource = "status" | "scale" | "log" | "exec" | "attach" | "portforward" | "finalize" | "diff";

export const apiVersionOf = (resource: Pick<Resource, "group" | "version">): string =>
  resource.group ? `${resource.group}/${resource.version}` : resource.version;

/** Kubernetes' own kinds: its groups have no dot, or end in `.k8s.io`. The others are as custom resources are there. */
export const isBuiltIn = ({ group }: Pick<Resource, "group">): boolean =>
  !group.includes(".") || group.endsWith(".k8s.io");

export const hasSubresource = ({ subresources }: Pick<Resource, "subresources">, name: Subresource): boolean =>
  subresources.includes(name);

const define = <T extends KubeObject>(
  resource: Pick<Resource<T>, "kind" | "plural" | "singular"> & Partial<Resource<T>>,
): Resource<T> => ({
  group: "",
  version: "v1",
  shortNames: [],
  categories: [],
  namespaced: true,
  subresources: [],
  ...resource,
});

export const processes = define<Process>({
  group: "wctl.dev",
  kind: "Process",
  plural: "processes",
  singular: "process",
  shortNames: ["proc"],
  categories: ["all", "wctl"],
  subresources: ["status", "scale", "log"],
});

export const instances = define<Instance>({
  group: "wctl.dev",
  kind: "Instance",
  plural: "instances",
  singular: "instance",
  shortNames: ["inst"],
  categories: ["all", "wctl"],
  subresources: ["status", "log", "exec"],
});

export const secrets = define<Secret>({
  kind: "Secret",
  plural: "secrets",
  singular: "secret",
});

export const configMaps = define<ConfigMap>({
  kind: "ConfigMap",
  plural: "configmaps",
  singular: "configmap",
  shortNames: ["cm"],
});

/** Who a program is that asks the API. */
export const serviceAccounts = define<ServiceAccount>({
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  singular: "serviceaccount",
  shortNames: ["sa"],
});

export const namespaces = define<Namespace>({
  kind: "Namespace",
  plural: "namespaces",
  singular: "namespace",
  shortNames: ["ns"],
  namespaced: false,
  subresources: ["status", "finalize"],
});

export const events = define<Event>({
  kind: "Event",
  plural: "events",
  singular: "event",
  shortNames: ["ev"],
});

export const nodes = define<Node>({
  kind: "Node",
  plural: "nodes",
  singular: "node",
  shortNames: ["no"],
  namespaced: false,
  subresources: ["status"],
});

/** Kubernetes' own kind (apps/v1), so that people who know it can read it. */
export const controllerRevisions = define<ControllerRevision>({
  group: "apps",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  singular: "controllerrevision",
});

/** A repository of manifests. */
export const gitSources = define<GitSource>({
  group: "wctl.dev",
  kind: "GitSource",
  plural: "gitsources",
  singular: "gitsource",
  shortNames: ["gs"],
  categories: ["wctl"],
  subresources: ["status", "diff"],
});

/** Kubernetes' own kind; the agent of each node renews one. */
export const leases = define<Lease>({
  group: "coordination.k8s.io",
  kind: "Lease",
  plural: "leases",
  singular: "lease",
});

/** Kubernetes' own kinds: who may do what. */
const rbac = { group: "rbac.authorization.k8s.io" } as const;

export const roles = define<Role>({ ...rbac, kind: "Role", plural: "roles", singular: "role" });

export const roleBindings = define<RoleBinding>({
  ...rbac,
  kind: "RoleBinding",
  plural: "rolebindings",
  singular: "rolebinding",
});

export const clusterRoles = define<ClusterRole>({
  ...rbac,
  kind: "ClusterRole",
  plural: "clusterroles",
  singular: "clusterrole",
  namespaced: false,
});

export const clusterRoleBindings = define<ClusterRoleBinding>({
  ...rbac,
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  singular: "clusterrolebinding",
  namespaced: false,
});

/** The folders of copies: served, and not stored. */
export const homes = define<Home>({
  group: "wctl.dev",
  kind: "Home",
  plural: "homes",
  singular: "home",
  shortNames: ["ho"],
});

/** The same Events under the names of their newer version; stored as `events`. */
export const eventsV1 = define<KubeObject & { kind: "Event" }>({
  group: "events.k8s.io",
  kind: "Event",
  plural: "events",
  singular: "event",
  shortNames: ["ev"],
});

/** Served, and always empty: clients ask for them. */
export const services = define<KubeObject & { kind: "Service" }>({
  kind: "Service",
  plural: "services",
  singular: "service",
  shortNames: ["svc"],
  categories: ["all"],
});

/** What kinds there are beside Kubernetes' own: ours, served and not stored. */
export const customResourceDefinitions = define<KubeObject & { kind: "CustomResourceDefinition" }>({
  group: "apiextensions.k8s.io",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  singular: "customresourcedefinition",
  shortNames: ["crd", "crds"],
  categories: ["api-extensions"],
  namespaced: false,
});

/** Instances as clients of Kubernetes know them: served, and not stored. Not of the category `all`, where the same copies are as instances. */
export const pods = define<Pod>({
  kind: "Pod",
  plural: "pods",
  singular: "pod",
  shortNames: ["po"],
  subresources: ["log", "exec", "attach", "portforward"],
});

/** Every kind that is stored. A new one is a schema, an entry here and a file in `apiserver/kinds/`. */
export const scheme: readonly Resource[] = [
  processes,
  instances,
  gitSources,
  secrets,
  configMaps,
  namespaces,
  events,
  nodes,
  controllerRevisions,
  leases,
  serviceAccounts,
  roles,
  roleBindings,
  clusterRoles,
  clusterRoleBindings,
] as readonly Resource[];

/** What people name on the command line. */
export const named: readonly Resource[] = [...scheme, homes, pods, customResourceDefinitions] as readonly Resource[];

/** By any word a person types: plural, singular, short name, kind (any case), `plural.group`. */
export function resourceNamed(word: string): Resource | undefined {
  const wanted = word.toLowerCase();
  return named.find(
    (resource) =>
      [resource.plural, resource.singular, resource.kind.toLowerCase(), ...resource.shortNames].includes(wanted) ||
      wanted === `${resource.plural}.${resource.group}` ||
      wanted === `${resource.singular}.${resource.group}` ||
      wanted === `${resource.plural}.${resource.version}.${resource.group}`,
  );
}

export const resourceOfKind = (apiVersion: string, kind: string): Resource | undefined =>
  scheme.find((resource) => resource.kind === kind && apiVersionOf(resource) === apiVersion);

/** `/apis/wctl.dev/v1/namespaces/default/processes/web` and its shorter forms. */
export function urlPath(resource: Resource, namespace?: string, name?: string, subresource?: string): string {
  const root = resource.group ? `/apis/${resource.group}/${resource.version}` : `/api/${resource.version}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  const tail = [name, subresource].filter((part) => part !== undefined).map((part) => `/${encodeURIComponent(part)}`);
  return `${root}${scope}/${resource.plural}${tail.join("")}`;
}

/** Names that several folders must agree on. */
export const wellKnown = {
  /** Keeps an Instance until nothing of its process tree is left. */
  stopFinalizer: "wctl.dev/stop",
  /** Label on Instances: the name of their Process. */
  processLabel: "wctl.dev/process",
  revisionLabel: "wctl.dev/revision",
  /** Label on Instances that are there only while others are replaced (maxSurge). */
  standInLabel: "wctl.dev/stand-in",
  /** Label and annotation on Objects that the directory source made; only those are pruned. */
  sourceLabel: "wctl.dev/source",
  sourceFileAnnotation: "wctl.dev/source-file",
  /** On what a source found when it declared it for the first time: it is let go instead of pruned. */
  sourceAdoptedAnnotation: "wctl.dev/source-adopted",
  /** `disabled`: the source that declares the Object leaves it alone. */
  reconcileAnnotation: "wctl.dev/reconcile",
  /** On a GitSource. Any new value: it is looked at now. */
  reconcileAtAnnotation: "wctl.dev/reconcile-at",
  /** On a GitSource: the commit that may prune and stop as much as it does. */
  approveAnnotation: "wctl.dev/approve",
  /** On Events of a source: the revision that they are about. */
  sourceRevisionAnnotation: "wctl.dev/source-revision",
  /** On a suspended GitSource: the commit that is applied all the same. */
  rollbackToAnnotation: "wctl.dev/rollback-to",
  lastAppliedAnnotation: "kubectl.kubernetes.io/last-applied-configuration",
  /** Kubernetes': why a template was changed, in a person's words. A revision keeps what its Process said. */
  changeCauseAnnotation: "kubernetes.io/change-cause",
  /** Label on copies of ConfigMaps and Secrets that are kept for revisions: of which one. */
  keptContentLabel: "wctl.dev/content-of",
  contentSaltAnnotation: "wctl.dev/content-salt",
  /** Annotation on the kept copy of a Secret: the type that this had. */
  secretTypeAnnotation: "wctl.dev/secret-type",
  foregroundFinalizer: "foregroundDeletion",
  orphanFinalizer: "orphan",
  namespaceFinalizer: "kubernetes",
  /** The ServiceAccount that each Namespace has. */
  defaultServiceAccount: "default",
  /** Annotation on the Lease of a node: how many milliseconds its daemons have run in all. */
  runningTimeAnnotation: "wctl.dev/running-ms",
  /** The Namespace of the Leases of nodes. */
  nodeLeaseNamespace: "kube-node-lease",
} as const;
