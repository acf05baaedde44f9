import { labelKeyError, labelValueError } from "../../api/selectors/label-syntax.ts";
import type { AggregationRule, PolicyRule, RoleRef, Subject } from "../../api/types.generated.ts";
import { type FieldError, invalidValue, notSupported, required } from "../validation/field-error.ts";
import { subdomainError } from "../validation/names.ts";

export const RBAC_GROUP = "rbac.authorization.k8s.io";

/** Names of roles and bindings: whatever can be a part of a path (`system:discovery`), as in Kubernetes. */
export function pathSegmentError(name: string): string | undefined {
  if (name === "." || name === "..") return `may not be '${name}'`;
  const found = ["/", "%"].filter((mark) => name.includes(mark));
  return found.length === 0 ? undefined : found.map((mark) => `may not contain '${mark}'`).join(", ");
}

/** The rules between the fields of PolicyRules (Kubernetes' `ValidatePolicyRule`). */
export const ruleCauses = (rules: readonly PolicyRule[], isNamespaced: boolean): FieldError[] =>
  rules.flatMap((rule, index) => oneRule(rule, isNamespaced, `rules[${index}]`));

function oneRule(rule: PolicyRule, isNamespaced: boolean, path: string): FieldError[] {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
  const causes = verbs.length === 0 ? [required(`${path}.verbs`, "verbs must contain at least one value")] : [];
  if (nonResourceURLs?.length) {
    const field = `${path}.nonResourceURLs`;
    if (isNamespaced)
      causes.push(invalidValue(field, nonResourceURLs, "namespaced rules cannot apply to non-resource URLs"));
    if (apiGroups?.length || resources?.length || resourceNames?.length) {
      const detail = "rules cannot apply to both regular resources and non-resource URLs";
      causes.push(invalidValue(field, nonResourceURLs, detail));
    }
    return causes;
  }
  if (!apiGroups?.length)
    causes.push(required(`${path}.apiGroups`, "resource rules must supply at least one api group"));
  if (!resources?.length)
    causes.push(required(`${path}.resources`, "resource rules must supply at least one resource"));
  return causes;
}

export function aggregationCauses(rule: AggregationRule | undefined): FieldError[] {
  if (!rule) return [];
  const field = "aggregationRule.clusterRoleSelectors";
  const selectors = rule.clusterRoleSelectors ?? [];
  if (selectors.length === 0)
    return [required(field, "at least one clusterRoleSelector required if aggregationRule is non-nil")];
  return selectors.flatMap(({ matchLabels = {}, matchExpressions = [] }, index) => [
    ...Object.entries(matchLabels).flatMap(([key, value]) => [
      ...fault(`${field}[${index}].matchLabels`, key, labelKeyError(key)),
      ...fault(`${field}[${index}].matchLabels`, value, labelValueError(value)),
    ]),
    ...matchExpressions.flatMap(({ key, operator, values = [] }, at) => {
      const path = `${field}[${index}].matchExpressions[${at}]`;
      const isSet = operator === "In" || operator === "NotIn";
      return [
        ...fault(`${path}.key`, key, labelKeyError(key)),
        ...(isSet && values.length === 0
          ? [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
          : []),
      ];
    }),
  ]);
}

const fault = (field: string, value: unknown, error: string | undefined): FieldError[] =>
  error === undefined ? [] : [invalidValue(field, value, error)];

export function roleRefCauses({ apiGroup, kind, name }: RoleRef, kinds: readonly string[]): FieldError[] {
  const causes: FieldError[] = [];
  if (apiGroup !== RBAC_GROUP) causes.push(notSupported("roleRef.apiGroup", apiGroup, [RBAC_GROUP]));
  if (!kinds.includes(kind)) causes.push(notSupported("roleRef.kind", kind, kinds));
  if (name === "") causes.push(required("roleRef.name"));
  else causes.push(...fault("roleRef.name", name, pathSegmentError(name)));
  return causes;
}

export const subjectCauses = (subjects: readonly Subject[], isNamespaced: boolean): FieldError[] =>
  subjects.flatMap((subject, index) => oneSubject(subject, isNamespaced, `subjects[${index}]`));

function oneSubject({ kind, apiGroup, name, namespace }: Subject, isNamespaced: boolean, path: string): FieldError[] {
  const causes = name === "" ? [required(`${path}.name`)] : [];
  switch (kind) {
    case "ServiceAccount":
      if (name !== "") causes.push(...fault(`${path}.name`, name, subdomainError(name)));
      if (apiGroup) causes.push(notSupported(`${path}.apiGroup`, apiGroup, [""]));
      if (!isNamespaced && !namespace) causes.push(required(`${path}.namespace`));
      return causes;
    case "User":
    case "Group":
      if (apiGroup !== RBAC_GROUP) causes.push(notSupported(`${path}.apiGroup`, apiGroup, [RBAC_GROUP]));
      return causes;
    default:
      return [...causes, notSupported(`${path}.kind`, kind, ["ServiceAccount", "User", "Group"])];
  }
}
