import type { RoleRef } from "../../api/types.generated.ts";
import { RBAC_GROUP } from "./grant-causes.ts";

/** More than a person reads are not told. */
const MOST_TOLD = 100;

/**
 * The roles that are bound and not there, in the words of Kubernetes' aggregate of errors, each once; undefined when there are none. Answers name the kind in
 * lower case (`clusterrole`), refused grants the resource (`clusterroles`).
 */
export function notFoundRoles(bound: readonly RoleRef[], plural = ""): string | undefined {
  const faults = [
    ...new Set(
      bound.map(({ kind, name }) => `${kind.toLowerCase()}${plural}.${RBAC_GROUP} ${JSON.stringify(name)} not found`),
    ),
  ];
  if (faults.length <= 1) return faults[0];
  const more = faults.length > MOST_TOLD ? [`and ${faults.length - MOST_TOLD} more`] : [];
  return `[${[...faults.slice(0, MOST_TOLD), ...more].join(", ")}]`;
}
