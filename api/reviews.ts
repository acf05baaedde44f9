import type { KubeObject } from "./object.ts";
import type { Resource } from "./scheme.ts";

/** Questions that are asked by creating an Object: it comes back with the answer as its status, and is not kept. As in Kubernetes. */
const review = (group: string, kind: string, namespaced = false): Resource<KubeObject> => ({
  group,
  version: "v1",
  kind,
  plural: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  shortNames: [],
  categories: [],
  namespaced,
  subresources: [],
});

/** May I? */
export const selfSubjectAccessReviews = review("authorization.k8s.io", "SelfSubjectAccessReview");
/** What may I, in a namespace? */
export const selfSubjectRulesReviews = review("authorization.k8s.io", "SelfSubjectRulesReview");
/** May somebody? */
export const subjectAccessReviews = review("authorization.k8s.io", "SubjectAccessReview");
/** May somebody, in this namespace? */
export const localSubjectAccessReviews = review("authorization.k8s.io", "LocalSubjectAccessReview", true);
/** Who am I? */
export const selfSubjectReviews = review("authentication.k8s.io", "SelfSubjectReview");
/** Whose is this token? */
export const tokenReviews = review("authentication.k8s.io", "TokenReview");
