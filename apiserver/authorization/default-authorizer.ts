import type { StoreRegistry } from "../registry/store-registry.ts";
import { type Authorizer, administrators, anyOf, monitors } from "./authorizer.ts";
import { bootstrapRulesOf } from "./bootstrap-roles.ts";
import { NodeAuthorizer } from "./node-authorizer.ts";
import { RbacAuthorizer } from "./rbac-authorizer.ts";
import { RuleAuthorizer } from "./rules.ts";

/**
 * Who may do what: the administrator everything, who scrapes the metrics, agents what their Instances need, the parts of the daemon what their rules say, and
 * everybody else what the roles say that are bound to them.
 */
export const defaultAuthorizer = (registry: Pick<StoreRegistry, "stored">): Authorizer =>
  anyOf(
    administrators,
    monitors,
    new NodeAuthorizer(registry),
    new RuleAuthorizer(bootstrapRulesOf),
    new RbacAuthorizer(registry),
  );
