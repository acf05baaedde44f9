import type { Registry } from "../registry/registry.ts";
import { type Authorizer, administrators, anyOf } from "./authorizer.ts";
import { bootstrapRulesOf } from "./bootstrap-roles.ts";
import { NodeAuthorizer } from "./node-authorizer.ts";
import { RuleAuthorizer } from "./rules.ts";

/** Who may do what: the administrator everything, agents what their Instances need, the parts of the daemon what their rules say. */
export const defaultAuthorizer = (registry: Pick<Registry, "get" | "list">): Authorizer =>
  anyOf(administrators, new NodeAuthorizer(registry), new RuleAuthorizer(bootstrapRulesOf));
