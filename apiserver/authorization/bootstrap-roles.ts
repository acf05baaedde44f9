import { controllerIdentity, type Identity } from "../authentication/identity.ts";
import type { Rule } from "./rules.ts";

const rule = (groups: string, resources: string, verbs: string): Rule => ({
  apiGroups: groups.split(" ").map((group) => (group === "core" ? "" : group)),
  resources: resources.split(" "),
  verbs: verbs.split(" "),
});

/**
 * What each part of the daemon may do, and nothing more: Kubernetes' bootstrap roles of its controllers. A part that does something new
 * needs a rule here first; without it the API answers Forbidden.
 */
const controllers = {
  /** The caches that all controllers share. */
  "shared-informers": [rule("*", "*", "list watch")],
  process: [
    rule("wctl.dev", "processes", "get"),
    /** The Instances and records that it makes hold up their Process. */
    rule("wctl.dev", "processes/status processes/finalizers", "update"),
    rule("wctl.dev", "instances", "create delete patch"),
    /** Whoever wrote the Process was asked for its account and priority. */
    rule("wctl.dev", "accounts priorityclasses", "use"),
    rule("apps", "controllerrevisions", "create delete patch"),
    /** Of the content that a revision is made with it makes a copy. */
    rule("core", "configmaps secrets", "get create"),
  ],
  /** Removes such copies when nobody refers to them any more. */
  "kept-content": [rule("core", "configmaps secrets", "delete")],
  "garbage-collector": [rule("*", "*", "get delete patch")],
  namespace: [
    rule("*", "*", "list delete"),
    rule("core", "namespaces", "patch"),
    rule("core", "namespaces/status", "update"),
  ],
  "event-retention": [rule("core", "events", "list delete")],
  /** Events of every part are counted and written together. */
  "event-recorder": [rule("core", "events", "create patch")],
  /** It applies whatever kinds its folder declares. */
  "directory-source": [
    rule("*", "*", "get list watch create update patch delete"),
    rule("*", "*/finalizers", "update"),
    rule("core", "nodes/status", "update"),
    /** Nobody but an administrator can write into that folder. */
    rule("rbac.authorization.k8s.io", "roles clusterroles", "escalate bind"),
    rule("wctl.dev", "accounts priorityclasses", "use"),
  ],
  /** What it applies it writes in the name of each source. Of a source it takes away the approval that was made use of. */
  "git-source": [
    rule("*", "*", "list watch"),
    rule("wctl.dev", "gitsources", "get patch"),
    rule("wctl.dev", "gitsources/status", "update"),
    rule("core", "secrets configmaps", "get"),
  ],
  "service-account": [rule("core", "serviceaccounts", "create")],
  "node-lifecycle": [rule("core", "nodes/status", "update")],
  /** It copies rules from role to role. */
  "clusterrole-aggregation": [rule("rbac.authorization.k8s.io", "clusterroles", "patch escalate")],
  /** Removes the homes of deleted Processes. */
  "home-collector": [rule("wctl.dev", "processes", "list")],
  /** Removes the finalizer of deleted Instances whose node is gone. */
  "instance-garbage-collector": [rule("core", "nodes", "list"), rule("wctl.dev", "instances", "patch")],
} as const satisfies Record<string, readonly Rule[]>;

export type ControllerName = keyof typeof controllers;

/** By the name of the user. */
const rulesByUser: ReadonlyMap<string, readonly Rule[]> = new Map(
  Object.entries(controllers).map(([name, rules]) => [controllerIdentity(name).name, rules]),
);

export const bootstrapRulesOf = ({ name }: Identity): readonly Rule[] => rulesByUser.get(name) ?? [];
