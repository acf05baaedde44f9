import { badRequest, invalid } from "../../../api/errors.ts";
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
} from "../../../api/reviews.ts";
import type { Resource } from "../../../api/scheme.ts";
import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import type { Act, Authority, PathAct } from "../../admission/authority.ts";
import type { Identity } from "../../authentication/identity.ts";
import { reasonOf } from "../../authorization/authorizer.ts";
import { notFoundRoles } from "../../rbac/unresolved.ts";
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
    return { status: rulesStatus(authority, namespace) };
  }),
  new ReviewStorage(subjectAccessReviews, reviewSchemas.access, ({ spec }) => {
    const act = actIn(spec, subjectAccessReviews, subjectCauses(spec));
    return { status: verdict(authorityOf(subjectIn(spec)), act) };
  }),
  new ReviewStorage(localSubjectAccessReviews, reviewSchemas.access, ({ spec, namespace = "" }) => {
    const act = actIn(spec, localSubjectAccessReviews, [...subjectCauses(spec), ...localCauses(spec, namespace)]);
    return { status: verdict(authorityOf(subjectIn(spec)), act) };
  }),
];

function verdict(authority: Authority, act: Act | PathAct): { allowed: boolean; reason?: string } {
  if (authority.may(act)) return { allowed: true };
  const reason = reasonOf(authority.unresolvedIn("path" in act ? undefined : act.namespace));
  return { allowed: false, ...(reason === undefined ? {} : { reason }) };
}

/** Exactly one of resourceAttributes and nonResourceAttributes, read whole: an "allowed" that never read the question would be a fault. */
function actIn(spec: JsonObject, resource: Resource, more: FieldError[] = []): Act | PathAct {
  const { resourceAttributes: onResource, nonResourceAttributes: onPath } = spec;
  const causes: FieldError[] = [];
  if (isObject(onResource) && isObject(onPath)) {
    const detail = "cannot be specified in combination with resourceAttributes";
    causes.push(invalidValue("spec.nonResourceAttributes", onPath, detail));
  }
  if (!isObject(onResource) && !isObject(onPath)) {
    const detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    causes.push(required("spec.resourceAttributes", detail));
  }
  causes.push(...more);
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

const subjectIn = (spec: JsonObject): Identity => ({
  name: text(spec, "user"),
  groups: (spec.groups ?? []) as string[],
});

function subjectCauses(spec: JsonObject): FieldError[] {
  const { name, groups } = subjectIn(spec);
  if (name !== "" || groups.length > 0) return [];
  return [invalidValue("spec.user", "", "at least one of user or group must be specified")];
}

/** The schema lets nothing else through. */
const text = (of: JsonObject, field: string): string => (of[field] ?? "") as string;

function rulesStatus(authority: Authority, namespace: string): object {
  const rules = authority.rulesIn(namespace);
  const evaluationError = notFoundRoles(authority.unresolvedIn(namespace));
  return {
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
    ...(evaluationError === undefined ? {} : { evaluationError }),
  };
}
