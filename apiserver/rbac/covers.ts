import type { PolicyRule } from "../../api/types.generated.ts";
import { pathMatches } from "./rule-allows.ts";

const ALL = "*";
/** A rule of more than so many single grants (verbs x groups x resources x names) is not looked through. */
export const MOST_GRANTS = 20_000;
/** Nor is it done by more than so many comparisons of two rules: about a second. Whoever may give roles can give himself thousands of rules. */
const MOST_COMPARISONS = 10_000_000;

/**
 * The part of `wanted` that `owned` does not have: single grants, each of one verb on one resource or path (Kubernetes' `validation.Covers`). Undefined
 * when there are too many to look through. Pure.
 */
export function uncovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] | undefined {
  const asked = wanted.reduce((sum, rule) => sum + grants(rule), 0);
  if (asked > MOST_GRANTS || (asked + wanted.length) * owned.length > MOST_COMPARISONS) return undefined;
  const missing: PolicyRule[] = [];
  for (const rule of wanted) {
    if (owned.some((own) => covers(own, rule))) continue; // As a whole: the most common case, and quick.
    for (const one of single(rule)) if (!owned.some((own) => covers(own, one))) missing.push(one);
  }
  return missing;
}

const size = (list: readonly string[] | null | undefined): number => list?.length ?? 0;

const grants = ({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): number =>
  size(verbs) * (size(apiGroups) * size(resources) * Math.max(size(resourceNames), 1) + size(nonResourceURLs));

function* single({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): Generator<PolicyRule> {
  for (const group of apiGroups ?? [])
    for (const resource of resources ?? [])
      for (const verb of verbs) {
        const rule = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (!resourceNames?.length) yield rule;
        for (const name of resourceNames ?? []) yield { ...rule, resourceNames: [name] };
      }
  for (const url of nonResourceURLs ?? []) for (const verb of verbs) yield { verbs: [verb], nonResourceURLs: [url] };
}

function covers(own: PolicyRule, wanted: PolicyRule): boolean {
  return (
    coversAll(own.verbs, wanted.verbs) &&
    coversAll(own.apiGroups, wanted.apiGroups) &&
    (wanted.resources ?? []).every((resource) => coversResource(own.resources ?? [], resource)) &&
    (wanted.nonResourceURLs ?? []).every((url) => (own.nonResourceURLs ?? []).some((one) => pathMatches(one, url))) &&
    coversNames(own.resourceNames ?? [], wanted.resourceNames ?? [])
  );
}

type List = readonly string[] | null | undefined;

const coversAll = (own: List, wanted: List): boolean =>
  (own ?? []).includes(ALL) || (wanted ?? []).every((one) => (own ?? []).includes(one));

function coversResource(own: readonly string[], wanted: string): boolean {
  if (own.includes(ALL) || own.includes(wanted)) return true;
  const slash = wanted.indexOf("/");
  return slash >= 0 && own.includes(`${ALL}${wanted.slice(slash)}`);
}

/** No names are all names. */
const coversNames = (own: readonly string[], wanted: readonly string[]): boolean =>
  own.length === 0 || (wanted.length > 0 && wanted.every((name) => own.includes(name)));
