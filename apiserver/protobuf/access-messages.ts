import { many, mapOf, message, one } from "./message.ts";
import { labelSelector, metadata } from "./meta-messages.ts";

/** `k8s.io/api/authorization/v1`, `authentication/v1` and `rbac/v1`: reviews are read whole, because their answer is about what they ask. */
const requirements = many("requirements", message({ 1: one("key"), 2: one("operator"), 3: many("values") }));
const selector = message({ 1: one("rawSelector"), 2: requirements });

const resourceAttributes = message({
  1: one("namespace"),
  2: one("verb"),
  3: one("group"),
  4: one("version"),
  5: one("resource"),
  6: one("subresource"),
  7: one("name"),
  8: one("fieldSelector", selector),
  9: one("labelSelector", selector),
});

const nonResourceAttributes = message({ 1: one("path"), 2: one("verb") });

export const selfSubjectAccessReview = message({
  1: metadata,
  2: one(
    "spec",
    message({
      1: one("resourceAttributes", resourceAttributes),
      2: one("nonResourceAttributes", nonResourceAttributes),
    }),
  ),
});

/** LocalSubjectAccessReview has the same fields. */
export const subjectAccessReview = message({
  1: metadata,
  2: one(
    "spec",
    message({
      1: one("resourceAttributes", resourceAttributes),
      2: one("nonResourceAttributes", nonResourceAttributes),
      3: one("user"),
      4: many("groups"),
      5: mapOf("extra", "texts"),
      6: one("uid"),
    }),
  ),
});

export const selfSubjectRulesReview = message({
  1: metadata,
  2: one("spec", message({ 1: one("namespace") })),
});

export const selfSubjectReview = message({ 1: metadata });

export const tokenReview = message({
  1: metadata,
  2: one("spec", message({ 1: one("token"), 2: many("audiences") })),
});

export const tokenRequest = message({
  1: metadata,
  2: one(
    "spec",
    message({
      1: many("audiences"),
      3: one("boundObjectRef", message({ 1: one("kind"), 2: one("apiVersion"), 3: one("name"), 4: one("uid") })),
      4: one("expirationSeconds", "integer"),
    }),
  ),
});

const policyRule = message({
  1: many("verbs"),
  2: many("apiGroups"),
  3: many("resources"),
  4: many("resourceNames"),
  5: many("nonResourceURLs"),
});

const subject = message({ 1: one("kind"), 2: one("apiGroup"), 3: one("name"), 4: one("namespace") });
const roleRef = message({ 1: one("apiGroup"), 2: one("kind"), 3: one("name") });

/** A Role has the first two of these fields. */
export const clusterRole = message({
  1: metadata,
  2: many("rules", policyRule),
  3: one("aggregationRule", message({ 1: many("clusterRoleSelectors", labelSelector) })),
});
export const role = message({ 1: metadata, 2: many("rules", policyRule) });

/** RoleBinding and ClusterRoleBinding. */
export const roleBinding = message({ 1: metadata, 2: many("subjects", subject), 3: one("roleRef", roleRef) });
