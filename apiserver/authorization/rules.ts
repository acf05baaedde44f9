import type { Identity } from "../authentication/identity.ts";
import type { Attributes, ResourceAttributes } from "./attributes.ts";
import type { Authorizer } from "./authorizer.ts";

/** A rule of a Kubernetes ClusterRole: it allows every verb on every resource of every group that it names. */
export interface Rule {
  /** `""` is the core group, `*` stands for all. */
  apiGroups: readonly string[];
  // `instances`, `instances/status`; `*` stands for all without their subresources, `*/finalizers` for that subresource of all.
  resources: readonly string[];
  verbs: readonly string[];
}

/** Allows what at least one rule of the user allows. */
export class RuleAuthorizer implements Authorizer {
  readonly #rulesOf: (user: Identity) => readonly Rule[];

  constructor(rulesOf: (user: Identity) => readonly Rule[]) {
    this.#rulesOf = rulesOf;
  }

  allows(user: Identity, attributes: Attributes): boolean {
    return attributes.kind === "resource" && this.#rulesOf(user).some((rule) => isAllowedBy(rule, attributes));
  }

  /** Its stars mean less than those of roles. Parts of the daemon that grant anything have the verbs for that. */
  rulesOf(): readonly [] {
    return [];
  }
}

function isAllowedBy(rule: Rule, { verb, resource, subresource }: ResourceAttributes): boolean {
  if (!rule.verbs.includes(verb)) return false;
  if (!rule.apiGroups.includes(resource.group) && !rule.apiGroups.includes("*")) return false;
  if (subresource === undefined) return rule.resources.includes(resource.plural) || rule.resources.includes("*");
  return rule.resources.includes(`${resource.plural}/${subresource}`) || rule.resources.includes(`*/${subresource}`);
}
