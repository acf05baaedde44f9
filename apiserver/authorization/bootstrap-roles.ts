import { controllerIdentity, type Identity } from "../authentication/identity.ts";
import type { Rule } from "./rules.ts";

const rule = (groups: string, resources: string, verbs: string): Rule => ({
  apiGroups: groups.split(" ").map((group) => (group === "core" ? "" : group)),
  resources: resources.split(" "),
  verbs: verbs.split(" ") as Rule["verbs"],
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
    rule("wctl.dev", "processes/status", "update"),
    rule("wctl.dev", "instances", "create delete patch"),
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
    rule("core", "nodes/status", "update"),
  ],
  "service-account": [rule("core", "serviceaccounts", "create")],
  "node-lifecycle": [rule("core", "nodes/status", "update")],
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

/** Rules that are stored (Roles and their bindings) will come beside these. */
export const bootstrapRulesOf = ({ name }: Identity): readonly Rule[] => rulesByUser.get(name) ?? [];
