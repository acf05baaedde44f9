/** Who asks: a person, a node's agent, or a controller of the daemon itself. */
export interface Identity {
  name: string;
  groups: readonly string[];
}

const AUTHENTICATED = "system:authenticated";
const NODES = "system:nodes";
const NODE_PREFIX = "system:node:";

/** Every user who has shown a credential is in this group too. */
export const authenticated = ({ name, groups }: Identity): Identity => ({
  name,
  groups: [...new Set([...groups, AUTHENTICATED])],
});

/** A controller inside the daemon: `system:wctl:controller:process`. */
export const controllerIdentity = (controller: string): Identity =>
  authenticated({ name: `system:wctl:controller:${controller}`, groups: [] });

/** Removes the finalizer of Instances whose node is gone: no agent will ever do it. */
export const instanceGarbageCollector = controllerIdentity("instance-garbage-collector");

/** The agent of a node, named as Kubernetes names its kubelets. */
export const nodeIdentity = (nodeName: string): Identity =>
  authenticated({ name: NODE_PREFIX + nodeName, groups: [NODES] });

/** The node whose agent this is; undefined for every other user. As in Kubernetes, both the name and the group must say so. */
export const nodeNameOf = ({ name, groups }: Identity): string | undefined =>
  (groups.includes(NODES) && name.startsWith(NODE_PREFIX) && name.slice(NODE_PREFIX.length)) || undefined;
