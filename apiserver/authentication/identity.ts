/** Who asks: a person, a node's agent, a program, or a controller of the daemon itself. */
export interface Identity {
  name: string;
  groups: readonly string[];
  /** Tells a ServiceAccount from a later one of its name. */
  uid?: string;
  extra?: Readonly<Record<string, readonly string[]>>;
}

export const AUTHENTICATED = "system:authenticated";
export const UNAUTHENTICATED = "system:unauthenticated";
export const ANONYMOUS = "system:anonymous";
const NODES = "system:nodes";
const NODE_PREFIX = "system:node:";
const SERVICE_ACCOUNTS = "system:serviceaccounts";
const SERVICE_ACCOUNT_PREFIX = "system:serviceaccount:";

/** Every user who has shown a credential is in this group too. */
export const authenticated = (user: Identity): Identity => ({
  ...user,
  groups: [...new Set([...user.groups, AUTHENTICATED])],
});

/** The local administrator: whom his certificate names, and whom the local door lets in. */
export const administrator = authenticated({ name: "wctl-admin", groups: ["system:masters"] });

const CONTROLLER_PREFIX = "system:wctl:controller:";

/** A controller inside the daemon: `system:wctl:controller:process`. */
export const controllerIdentity = (controller: string): Identity =>
  authenticated({ name: CONTROLLER_PREFIX + controller, groups: [] });

/** Removes the finalizer of Instances whose node is gone: no agent will ever do it. */
export const instanceGarbageCollector = controllerIdentity("instance-garbage-collector");

/** Who has signed a delivery for a webhook. He may do nothing else. */
export const hookIdentity: Identity = { name: "system:wctl:hook", groups: [] };

/** The agent of a node, named as Kubernetes names its kubelets. */
export const nodeIdentity = (nodeName: string): Identity =>
  authenticated({ name: NODE_PREFIX + nodeName, groups: [NODES] });

/** The node whose agent this is; undefined for every other user. As in Kubernetes, both the name and the group must say so. */
export const nodeNameOf = ({ name, groups }: Identity): string | undefined =>
  (groups.includes(NODES) && name.startsWith(NODE_PREFIX) && name.slice(NODE_PREFIX.length)) || undefined;

const SOURCES = "system:wctl:sources";
const SOURCE_PREFIX = "system:wctl:source:";

/** In whose name a GitSource writes that names no ServiceAccount. It is no part of the daemon: it has the rights of its namespace's editors, and what is bound to it. */
export const sourceIdentity = (namespace: string, name: string): Identity =>
  authenticated({ name: `${SOURCE_PREFIX}${namespace}:${name}`, groups: [SOURCES, `${SOURCES}:${namespace}`] });

/** The namespace of the GitSource that this is; undefined for every other user. Both the name and the group must say so. */
export function sourceNamespaceOf({ name, groups }: Identity): string | undefined {
  if (!name.startsWith(SOURCE_PREFIX)) return undefined;
  const [namespace = ""] = name.slice(SOURCE_PREFIX.length).split(":");
  return groups.includes(`${SOURCES}:${namespace}`) ? namespace : undefined;
}

/** A ServiceAccount, for a part of the daemon that acts in its name. */
export const serviceAccountIdentity = (namespace: string, name: string): Identity =>
  authenticated({ name: serviceAccountUser(namespace, name), groups: serviceAccountGroups(namespace) });

/** A controller, or the agent of a node. */
export const isPartOfDaemon = (user: Identity): boolean =>
  user.name.startsWith(CONTROLLER_PREFIX) || nodeNameOf(user) !== undefined;

/** The user name of a ServiceAccount. */
export const serviceAccountUser = (namespace: string, name: string): string =>
  `${SERVICE_ACCOUNT_PREFIX}${namespace}:${name}`;

/**
 * Under which name it is counted what a user takes up. The ServiceAccounts of a namespace are counted as one: who may make one makes a thousand, and may act
 * as each of them.
 */
export function budgetOf({ name }: Identity): string {
  const account = serviceAccountOf(name);
  return account ? `${SERVICE_ACCOUNTS}:${account.namespace}` : name;
}

/** The groups that every ServiceAccount of a namespace is in. */
export const serviceAccountGroups = (namespace: string): string[] => [
  SERVICE_ACCOUNTS,
  `${SERVICE_ACCOUNTS}:${namespace}`,
];

/** Whose user name this is, if a ServiceAccount's. */
export function serviceAccountOf(user: string): { namespace: string; name: string } | undefined {
  if (!user.startsWith(SERVICE_ACCOUNT_PREFIX)) return undefined;
  const [namespace, name, ...more] = user.slice(SERVICE_ACCOUNT_PREFIX.length).split(":");
  return namespace && name && more.length === 0 ? { namespace, name } : undefined;
}
