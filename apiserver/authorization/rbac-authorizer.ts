import { makeKey } from "../../api/object.ts";
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from "../../api/scheme.ts";
import type { ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef } from "../../api/types.generated.ts";
import { type Identity, sourceNamespaceOf } from "../authentication/identity.ts";
import { ruleAllows } from "../rbac/rule-allows.ts";
import { isMeant } from "../rbac/subjects.ts";
import type { KindStorage } from "../registry/kind-storage.ts";
import type { StoreRegistry } from "../registry/store-registry.ts";
import { type Attributes, actOf, namespaceOf } from "./attributes.ts";
import type { Authorizer } from "./authorizer.ts";

/**
 * Kubernetes' RBAC: allows what a rule of a role allows that a binding gives to the user. It reads what is stored, at each question: so it is
 * never older than what was answered to who changed it. What is bound but not there allows nothing.
 */
export class RbacAuthorizer implements Authorizer {
  readonly #bindings: readonly Readable[];
  readonly #roles: Readable;
  readonly #clusterRoles: Readable;

  constructor(registry: Pick<StoreRegistry, "stored">) {
    this.#bindings = [registry.stored(clusterRoleBindings), registry.stored(roleBindings)];
    this.#roles = registry.stored(roles);
    this.#clusterRoles = registry.stored(clusterRoles);
  }

  allows(user: Identity, attributes: Attributes): boolean {
    const act = actOf(attributes);
    for (const rule of this.#rules(user, namespaceOf(attributes))) if (ruleAllows(rule, act)) return true;
    return false;
  }

  rulesOf(user: Identity, namespace: string | undefined): readonly PolicyRule[] {
    return [...this.#rules(user, namespace)];
  }

  unresolvedOf(user: Identity, namespace: string | undefined): readonly RoleRef[] {
    return [...this.#bound(user, namespace)]
      .filter(({ role, within }) => this.#find(role, within) === undefined)
      .map(({ role }) => role);
  }

  *#rules(user: Identity, namespace: string | undefined): Generator<PolicyRule> {
    for (const { role, within } of this.#bound(user, namespace)) yield* this.#find(role, within)?.rules ?? [];
    if (namespace && sourceNamespaceOf(user) === namespace) yield* this.#rulesOfSources();
  }

  /** A source without a ServiceAccount has without a binding what editors of its namespace have, but for acting in the name of others. */
  #rulesOfSources(): readonly PolicyRule[] {
    const rules = this.#find(EDIT, undefined)?.rules ?? [];
    return rules.filter(
      ({ verbs, resources }) => !verbs.includes("impersonate") && !resources?.includes("serviceaccounts/token"),
    );
  }

  /** `within`: where a Role is looked for. */
  *#bound(user: Identity, namespace: string | undefined): Generator<{ role: RoleRef; within: string | undefined }> {
    const [everywhere, somewhere] = this.#bindings as [Readable, Readable];
    for (const binding of everywhere.list({}).items as unknown as ClusterRoleBinding[])
      if (isBoundBy(binding, user)) yield { role: binding.roleRef, within: undefined };
    if (namespace === undefined || namespace === "") return;
    for (const binding of somewhere.list({ namespace }).items as unknown as RoleBinding[])
      if (isBoundBy(binding, user)) yield { role: binding.roleRef, within: namespace };
  }

  #find({ kind, name }: RoleRef, namespace: string | undefined): Pick<Role, "rules"> | undefined {
    if (kind === "ClusterRole") return this.#clusterRoles.find(name) as Role | undefined;
    return namespace === undefined ? undefined : (this.#roles.find(makeKey(namespace, name)) as Role | undefined);
  }
}

const EDIT: RoleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" };

type Readable = Pick<KindStorage, "list" | "find">;

const isBoundBy = ({ subjects, metadata }: RoleBinding | ClusterRoleBinding, user: Identity): boolean =>
  (subjects ?? []).some((subject) => isMeant(subject, user, metadata.namespace));
