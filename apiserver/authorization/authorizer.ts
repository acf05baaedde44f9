import { StatusError } from "../../api/errors.ts";
import type { PolicyRule, RoleRef } from "../../api/types.generated.ts";
import type { Identity } from "../authentication/identity.ts";
import { notFoundRoles } from "../rbac/unresolved.ts";
import { type Attributes, namespaceOf } from "./attributes.ts";

/** Decides about the same value that is then served. It is asked for every request and every call inside the daemon, so it is synchronous. */
export interface Authorizer {
  /** False refuses with Forbidden. */
  allows(user: Identity, attributes: Attributes): boolean;
  /** What it allows in a namespace (absent: everywhere), as far as rules can say that. It allows all of it, and perhaps more. */
  rulesOf(user: Identity, namespace: string | undefined): readonly PolicyRule[];
  /** Roles that are bound to him there and do not exist: why he may not do what somebody believes that he may. Absent: it reads no roles. */
  unresolvedOf?(user: Identity, namespace: string | undefined): readonly RoleRef[];
}

/** Allows what at least one of them allows (Kubernetes' union of authorizers). */
export const anyOf = (...authorizers: readonly Authorizer[]): Authorizer => ({
  allows: (user, attributes) => authorizers.some((one) => one.allows(user, attributes)),
  rulesOf: (user, namespace) => authorizers.flatMap((one) => one.rulesOf(user, namespace)),
  unresolvedOf: (user, namespace) => authorizers.flatMap((one) => one.unresolvedOf?.(user, namespace) ?? []),
});

/** The local administrator may do everything, whatever the roles say. */
export const administrators: Authorizer = {
  allows: ({ groups }) => groups.includes("system:masters"),
  rulesOf: ({ groups }) => (groups.includes("system:masters") ? everything : []),
};

const everything: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

/** Kubernetes' group of whoever scrapes: they read the metrics, and nothing else. */
export const monitors: Authorizer = {
  allows: ({ groups }, attributes) =>
    groups.includes("system:monitoring") &&
    attributes.kind === "path" &&
    attributes.path === "/metrics" &&
    attributes.verb === "get",
  rulesOf: ({ groups }) =>
    groups.includes("system:monitoring") ? [{ verbs: ["get"], nonResourceURLs: ["/metrics"] }] : [],
};

/** Why something was refused beyond that no rule allows it, in the words of Kubernetes' RBAC; undefined when that is all. */
export function reasonOf(unresolved: readonly RoleRef[]): string | undefined {
  const missing = notFoundRoles(unresolved);
  return missing === undefined ? undefined : `RBAC: ${missing}`;
}

/** What this Authorizer does not allow, in the words of the real server (apiserver `responsewriters.Forbidden`). */
export function forbidden(authorizer: Authorizer, user: Identity, attributes: Attributes): StatusError {
  const reason = reasonOf(authorizer.unresolvedOf?.(user, namespaceOf(attributes)) ?? []);
  const why = reason === undefined ? "" : `: ${reason}`;
  const who = `User ${JSON.stringify(user.name)} cannot ${attributes.verb}`;
  if (attributes.kind === "path") {
    return new StatusError("Forbidden", `forbidden: ${who} path ${JSON.stringify(attributes.path)}${why}`, {
      details: {},
    });
  }
  const { resource, namespace, name, subresource } = attributes;
  const plural = subresource ? `${resource.plural}/${subresource}` : resource.plural;
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const what = resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
  const subject = name === undefined ? what : `${what} ${JSON.stringify(name)}`;
  return new StatusError(
    "Forbidden",
    `${subject} is forbidden: ${who} resource ${JSON.stringify(plural)} in API group ${JSON.stringify(resource.group)} ${where}${why}`,
    {
      details: {
        ...(name === undefined ? {} : { name }),
        ...(resource.group ? { group: resource.group } : {}),
        kind: resource.plural,
      },
    },
  );
}

export const unauthorized = (): StatusError => new StatusError("Unauthorized", "Unauthorized");
