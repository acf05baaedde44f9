import { badRequest, invalid } from "../../../api/errors.ts";
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
} from "../../../api/reviews.ts";
import type { Resource } from "../../../api/scheme.ts";
import type { PolicyRule } from "../../../api/types.generated.ts";
import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import type { Act, Authority, PathAct } from "../../admission/authority.ts";
import type { Identity } from "../../authentication/identity.ts";
import { type FieldError, forbiddenField, invalidValue, required } from "../../validation/field-error.ts";
import { ReviewStorage } from "./review.ts";
import { reviewSchemas } from "./review-schemas.ts";

/** What another user may do: the daemon hands in its Authorizer. */
export type AuthorityOf = (user: Identity) => Authority;

/** The questions of authorization.k8s.io/v1: may I, what may I, may somebody. */
export const accessReviews = (authorityOf: AuthorityOf): ReviewStorage[] => [
  new ReviewStorage(selfSubjectAccessReviews, reviewSchemas.selfAccess, ({ spec, authority }) => ({
    status: verdict(authority, actIn(spec, selfSubjectAccessReviews)),
  })),
  new ReviewStorage(selfSubjectRulesReviews, reviewSchemas.rules, ({ spec, authority }) => {
    const namespace = text(spec, "namespace");
    if (namespace === "") throw badRequest("no namespace on request");
    return { status: rulesStatus(authority.rulesIn(namespace)) };
  }),
  new ReviewStorage(subjectAccessReviews, reviewSchemas.access, ({ spec }) => ({
    status: verdict(authorityOf(subjectIn(spec, subjectAccessReviews)), actIn(spec, subjectAccessReviews)),
  })),
  new ReviewStorage(localSubjectAccessReviews, reviewSchemas.access, ({ spec, namespace = "" }) => {
    const act = actIn(spec, localSubjectAccessReviews, localCauses(spec, namespace));
    return { status: verdict(authorityOf(subjectIn(spec, localSubjectAccessReviews)), act) };
  }),
];

const verdict = (authority: Authority, act: Act | PathAct) => ({ allowed: authority.may(act) });

/** Exactly one of resourceAttributes and nonResourceAttributes, read whole: an "allowed" that never read the question would be a fault. */
function actIn(spec: JsonObject, resource: Resource, more: FieldError[] = []): Act | PathAct {
  const { resourceAttributes: onResource, nonResourceAttributes: onPath } = spec;
  const causes = [...more];
  if (isObject(onResource) && isObject(onPath)) {
    const detail = "cannot be specified in combination with resourceAttributes";
    causes.push(invalidValue("spec.nonResourceAttributes", onPath, detail));
  }
  if (!isObject(onResource) && !isObject(onPath)) {
    const detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    causes.push(required("spec.resourceAttributes", detail));
  }
  if (causes.length > 0) throw invalid(resource, "", causes);
  if (isObject(onPath)) return { verb: text(onPath, "verb"), path: text(onPath, "path") };
  const asked = onResource as JsonObject;
  const subresource = text(asked, "subresource");
  return {
    verb: text(asked, "verb"),
    group: text(asked, "group"),
    resource: text(asked, "resource"),
    ...(subresource === "" ? {} : { subresource }),
    // Empty is everywhere, and any name.
    namespace: text(asked, "namespace") || undefined,
    name: text(asked, "name") || undefined,
  };
}

function localCauses({ resourceAttributes, nonResourceAttributes }: JsonObject, namespace: string): FieldError[] {
  if (isObject(nonResourceAttributes))
    return [forbiddenField("spec.nonResourceAttributes", "disallowed on this kind of request")];
  if (!isObject(resourceAttributes) || resourceAttributes.namespace === namespace) return [];
  const field = "spec.resourceAttributes.namespace";
  return [invalidValue(field, resourceAttributes.namespace, "must match metadata.namespace")];
}

function subjectIn(spec: JsonObject, resource: Resource): Identity {
  const name = text(spec, "user");
  const groups = (spec.groups ?? []) as string[];
  if (name === "" && groups.length === 0)
    throw invalid(resource, "", [invalidValue("spec.user", "", "at least one of user or group must be specified")]);
  return { name, groups };
}

/** The schema lets nothing else through. */
const text = (of: JsonObject, field: string): string => (of[field] ?? "") as string;

const rulesStatus = (rules: readonly PolicyRule[]) => ({
  resourceRules: rules
    .filter(({ resources }) => resources?.length)
    .map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      apiGroups: apiGroups ?? [],
      resources,
      ...(resourceNames?.length ? { resourceNames } : {}),
    })),
  nonResourceRules: rules
    .filter(({ nonResourceURLs }) => nonResourceURLs?.length)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
  incomplete: false,
});
