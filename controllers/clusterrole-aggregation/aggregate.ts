import type { Stored } from "../../api/object.ts";
import { type LabelRequirement, LabelSelector } from "../../api/selectors/label-selector.ts";
import type { ClusterRole, PolicyRule, RoleSelector } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";

/** The rules of an aggregated ClusterRole: those of all that its selectors select, by name, each rule once. As Kubernetes' controller makes them. Pure. */
export function aggregatedRules(role: ClusterRole, all: readonly Stored<ClusterRole>[]): PolicyRule[] {
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map(selectorOf);
  const rules: PolicyRule[] = [];
  for (const selector of selectors) {
    const chosen = all.filter(
      ({ metadata }) => metadata.name !== role.metadata.name && selector.matches(metadata.labels),
    );
    for (const one of chosen.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)))
      for (const rule of one.rules ?? []) if (!rules.some((known) => sameJson(known, rule))) rules.push(rule);
  }
  return rules;
}

const operators = { In: "in", NotIn: "notin", Exists: "exists", DoesNotExist: "!" } as const;

const selectorOf = ({ matchLabels = {}, matchExpressions = [] }: RoleSelector): LabelSelector =>
  new LabelSelector([
    ...Object.entries(matchLabels).map(([key, value]): LabelRequirement => ({ key, operator: "=", values: [value] })),
    ...matchExpressions.map(
      ({ key, operator, values = [] }): LabelRequirement => ({ key, operator: operators[operator], values }),
    ),
  ]);
