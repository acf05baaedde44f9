import type { KubeObject } from "../../api/object.ts";
import type { PolicyRule } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Authority } from "../admission/authority.ts";
import { compact } from "./compact.ts";
import { MOST_GRANTS, uncovered } from "./covers.ts";
import { notFoundRoles } from "./unresolved.ts";

/** Nobody can be forbidden more than this one may do. */
export const isAdministrator = ({ user }: Authority): boolean => user.groups.includes("system:masters");

/**
 * Why this writer may not grant these rules: he does not have them himself. In the words of Kubernetes' `ConfirmNoEscalation`. Undefined when he
 * may. `namespace`: where they would hold; absent for everywhere.
 */
export function escalation(
  authority: Authority,
  rules: readonly PolicyRule[],
  namespace: string | undefined,
): string | undefined {
  const missing = uncovered(authority.rulesIn(namespace), rules);
  if (missing?.length === 0) return undefined;
  const { name, groups } = authority.user;
  const who = `user ${JSON.stringify(name)} (groups=[${groups.map((one) => JSON.stringify(one)).join(" ")}])`;
  const what =
    missing === undefined
      ? `more than ${MOST_GRANTS} single permissions at once, or more than can be compared with those held`
      : listed(missing);
  const unresolved = notFoundRoles(authority.unresolvedIn(namespace), "s");
  const more = unresolved === undefined ? "" : `; resolution errors: [${unresolved}]`;
  return `${who} is attempting to grant RBAC permissions not currently held:\n${what}${more}`;
}

/** More lines than a person reads are not sent, nor longer ones. */
const MOST_LISTED = 200;
const LONGEST_LINE = 2_000;

const listed = (rules: readonly PolicyRule[]): string => {
  const lines = [...new Set(compact(rules).map(shown))].sort();
  const more = lines.length > MOST_LISTED ? `\n... and ${lines.length - MOST_LISTED} more` : "";
  return lines.slice(0, MOST_LISTED).join("\n") + more;
};

/** `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}`, as Kubernetes' `CompactString`. */
function shown({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  const parts: [string, readonly string[] | null | undefined][] = [
    ["APIGroups", apiGroups],
    ["Resources", resources],
    ["NonResourceURLs", nonResourceURLs],
    ["ResourceNames", resourceNames],
    ["Verbs", verbs],
  ];
  const some = parts
    .filter(([, list]) => list?.length)
    .map(([name, list]) => `${name}:[${list?.map((one) => JSON.stringify(one)).join(" ")}]`);
  const line = `{${some.join(", ")}}`;
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line;
}

/** A change that only lets the garbage collector end what is deleting grants nothing. */
export function grantsNothingNew(next: KubeObject, current: KubeObject | undefined): boolean {
  if (!current) return false;
  return sameJson(granted(next), granted(current));
}

const granted = ({ metadata, ...rest }: KubeObject) => {
  const {
    finalizers: _f,
    ownerReferences: _o,
    managedFields: _m,
    resourceVersion: _r,
    generation: _g,
    ...kept
  } = metadata;
  return { ...rest, metadata: kept };
};
