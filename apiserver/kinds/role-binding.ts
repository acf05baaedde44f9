import { notFound } from "../../api/errors.ts";
import { makeKey, type Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from "../../api/scheme.ts";
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding, Subject } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Authority } from "../admission/authority.ts";
import { ageColumn, type Column } from "../printing/column.ts";
import { defaultClusterRoleBindings } from "../rbac/default-roles.ts";
import { escalation, grantsNothingNew, isAdministrator } from "../rbac/escalation.ts";
import { pathSegmentError, RBAC_GROUP, roleRefCauses, subjectCauses } from "../rbac/grant-causes.ts";
import { reconciledBinding } from "../rbac/reconcile-defaults.ts";
import { type FieldError, invalidValue } from "../validation/field-error.ts";
import { type Content, defineKind } from "./kind.ts";

type Binding = RoleBinding | ClusterRoleBinding;

export const roleBindingKind = defineKind<RoleBinding>({
  resource: roleBindings,
  hasGeneration: false,
  nameError: pathSegmentError,
  prepareForCreate: fillIn,
  prepareForUpdate: fillIn,
  validate: ({ roleRef, subjects }) => [
    ...roleRefCauses(roleRef, ["Role", "ClusterRole"]),
    ...subjectCauses(subjects ?? [], true),
  ],
  validateUpdate: sameRole,
  writerRestriction,
  columns: columns(),
});

export const clusterRoleBindingKind = defineKind<ClusterRoleBinding>({
  resource: clusterRoleBindings,
  hasGeneration: false,
  nameError: pathSegmentError,
  prepareForCreate: fillIn,
  prepareForUpdate: fillIn,
  validate: ({ roleRef, subjects }) => [
    ...roleRefCauses(roleRef, ["ClusterRole"]),
    ...subjectCauses(subjects ?? [], false),
  ],
  validateUpdate: sameRole,
  writerRestriction,
  columns: columns(),
  bootstrapObjects: defaultClusterRoleBindings,
  reconcileBootstrap: reconciledBinding,
});

/** The group that fits the kind, where none is said. */
function fillIn({ roleRef, subjects }: Binding): undefined {
  roleRef.apiGroup ||= RBAC_GROUP;
  for (const subject of subjects ?? [])
    if (subject.kind === "User" || subject.kind === "Group") subject.apiGroup ||= RBAC_GROUP;
}

function sameRole(current: Binding, next: Binding): FieldError[] {
  return sameJson(current.roleRef, next.roleRef)
    ? []
    : [invalidValue("roleRef", next.roleRef, "cannot change roleRef")];
}

/** Nobody hands on what he does not have, unless he has the verb `bind` for that role. A role that is not there is not found. */
function writerRestriction(
  next: Binding,
  current: Binding | undefined,
  authority: Authority,
  content: Content,
): string | undefined {
  if (isAdministrator(authority) || grantsNothingNew(next, current)) return undefined;
  const { namespace } = next.metadata;
  const { kind, name } = next.roleRef;
  const resource = kind === "Role" ? roles : clusterRoles;
  if (authority.may({ verb: "bind", group: RBAC_GROUP, resource: resource.plural, name, namespace })) return undefined;
  const key = kind === "Role" ? makeKey(namespace, name) : name;
  const role = content.find(resource as Resource, key) as Stored<Role | ClusterRole> | undefined;
  if (!role) throw notFound(resource, name);
  return escalation(authority, role.rules ?? [], namespace);
}

function columns<T extends Binding>(): Column<T>[] {
  const of = (kind: string) => (binding: Stored<T>) =>
    (binding.subjects ?? [])
      .filter((subject) => subject.kind === kind)
      .map(named)
      .join(", ");
  return [
    {
      name: "Role",
      type: "string",
      description: "What it gives.",
      cell: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
    },
    ageColumn as unknown as Column<T>,
    { name: "Users", type: "string", priority: 1, description: "To which users.", cell: of("User") },
    { name: "Groups", type: "string", priority: 1, description: "To which groups.", cell: of("Group") },
    {
      name: "ServiceAccounts",
      type: "string",
      priority: 1,
      description: "To which service accounts.",
      cell: of("ServiceAccount"),
    },
  ];
}

const named = ({ namespace, name }: Subject): string => (namespace ? `${namespace}/${name}` : name);
