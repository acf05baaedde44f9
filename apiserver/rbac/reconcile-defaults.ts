import type { KubeObject, Stored } from "../../api/object.ts";
import type { ClusterRole, ClusterRoleBinding } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";
import { uncovered } from "./covers.ts";
import { AUTOUPDATE } from "./default-roles.ts";

/**
 * What a default role becomes at a start: it gets what it lacks of its labels, annotations and rules, and keeps what somebody added (Kubernetes'
 * `reconciliation`). Undefined: it is not to be touched, since its annotation says so. Pure.
 */
export function reconciledRole(expected: ClusterRole, current: Stored<ClusterRole>): ClusterRole | undefined {
  if (isLeftAlone(current)) return undefined;
  const has = current.rules ?? [];
  const lacks = (expected.rules ?? []).filter((rule) => uncovered(has, [rule])?.length !== 0);
  return {
    ...current,
    ...withMarks(expected, current),
    ...(expected.aggregationRule ? { aggregationRule: current.aggregationRule ?? expected.aggregationRule } : {}),
    ...(lacks.length > 0 ? { rules: [...has, ...lacks] } : {}),
  };
}

/** The same for a default binding, which gets the subjects that it lacks. What it binds cannot be changed. */
export function reconciledBinding(
  expected: ClusterRoleBinding,
  current: Stored<ClusterRoleBinding>,
): ClusterRoleBinding | undefined {
  if (isLeftAlone(current) || !sameJson(expected.roleRef, current.roleRef)) return undefined;
  const has = current.subjects ?? [];
  const lacks = (expected.subjects ?? []).filter((subject) => !has.some((one) => sameJson(one, subject)));
  return { ...current, ...withMarks(expected, current), subjects: [...has, ...lacks] };
}

const isLeftAlone = ({ metadata }: KubeObject): boolean => metadata.annotations?.[AUTOUPDATE] === "false";

const withMarks = <T extends KubeObject>(expected: T, { metadata }: Stored<T>): Pick<Stored<T>, "metadata"> => ({
  metadata: {
    ...metadata,
    labels: { ...metadata.labels, ...expected.metadata.labels },
    annotations: { ...metadata.annotations, ...expected.metadata.annotations },
  },
});
