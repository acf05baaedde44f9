import type { PolicyRule } from "../../api/types.generated.ts";
import type { Act, PathAct } from "../admission/authority.ts";

const ALL = "*";

/** As `RuleAllows` of Kubernetes' RBAC authorizer. Pure. */
export const ruleAllows = (rule: PolicyRule, act: Act | PathAct): boolean =>
  "path" in act ? allowsPath(rule, act) : allowsAct(rule, act);

const allowsPath = ({ verbs, nonResourceURLs }: PolicyRule, { verb, path }: PathAct): boolean =>
  has(verbs, verb) && (nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, path));

function allowsAct({ verbs, apiGroups, resources, resourceNames }: PolicyRule, act: Act): boolean {
  if (!has(verbs, act.verb) || !has(apiGroups ?? [], act.group)) return false;
  if (!resourceMatches(resources ?? [], act)) return false;
  // What has no name yet, or is a whole collection, only the empty name allows.
  return !resourceNames?.length || resourceNames.includes(act.name ?? "");
}

/** `pods/log`, `*` and `*` with the subresource. */
function resourceMatches(resources: readonly string[], { resource, subresource }: Act): boolean {
  if (resources.includes(ALL)) return true;
  if (subresource === undefined) return resources.includes(resource);
  return resources.includes(`${resource}/${subresource}`) || resources.includes(`${ALL}/${subresource}`);
}

/** A star is one at the end only; elsewhere it is a letter like another. */
export const pathMatches = (pattern: string, path: string): boolean =>
  pattern === ALL || pattern === path || (pattern.endsWith(ALL) && path.startsWith(pattern.replace(/\*+$/, "")));

const has = (list: readonly string[], wanted: string): boolean => list.includes(ALL) || list.includes(wanted);
