import { clusterRoles, roles } from "../../api/scheme.ts";
import type { ClusterRole, Role } from "../../api/types.generated.ts";
import type { Authority } from "../admission/authority.ts";
import { createdColumn } from "../printing/column.ts";
import { defaultClusterRoles } from "../rbac/default-roles.ts";
import { escalation, grantsNothingNew, isAdministrator } from "../rbac/escalation.ts";
import { aggregationCauses, pathSegmentError, RBAC_GROUP, ruleCauses } from "../rbac/grant-causes.ts";
import { reconciledRole } from "../rbac/reconcile-defaults.ts";
import { defineKind } from "./kind.ts";

export const roleKind = defineKind<Role>({
  resource: roles,
  hasGeneration: false,
  nameError: pathSegmentError,
  validate: ({ rules }) => ruleCauses(rules ?? [], true),
  writerRestriction,
  columns: [createdColumn],
});

export const clusterRoleKind = defineKind<ClusterRole>({
  resource: clusterRoles,
  hasGeneration: false,
  nameError: pathSegmentError,
  validate: ({ rules, aggregationRule }) => [...ruleCauses(rules ?? [], false), ...aggregationCauses(aggregationRule)],
  writerRestriction: (next, current, authority) =>
    writerRestriction(next, current, authority) ?? aggregates(next, current, authority),
  columns: [createdColumn],
  bootstrapObjects: defaultClusterRoles,
  reconcileBootstrap: reconciledRole,
});

/** Nobody grants what he does not have, unless he has the verb `escalate` for this role. */
function writerRestriction(
  next: Role | ClusterRole,
  current: Role | ClusterRole | undefined,
  authority: Authority,
): string | undefined {
  if (isExempt(next, current, authority)) return undefined;
  return escalation(authority, next.rules ?? [], next.metadata.namespace);
}

/** What an aggregated role will allow is not known when it is written. */
function aggregates(next: ClusterRole, current: ClusterRole | undefined, authority: Authority): string | undefined {
  if (!next.aggregationRule && !current?.aggregationRule) return undefined;
  if (isExempt(next, current, authority)) return undefined;
  if (escalation(authority, everything, undefined) === undefined) return undefined;
  return "must have cluster-admin privileges to use the aggregationRule";
}

const everything = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

function isExempt(next: Role | ClusterRole, current: Role | ClusterRole | undefined, authority: Authority): boolean {
  if (isAdministrator(authority) || grantsNothingNew(next, current)) return true;
  const { plural } = next.kind === "Role" ? roles : clusterRoles;
  const { namespace } = next.metadata;
  // As of any create, a list of names allows none: whoever has the verb for one role may change it, and not make it.
  const name = current?.metadata.name;
  return authority.may({ verb: "escalate", group: RBAC_GROUP, resource: plural, name, namespace });
}
