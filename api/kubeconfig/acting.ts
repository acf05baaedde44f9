import type { JsonObject } from "../../lib/json-object.ts";
import type { Impersonation } from "../http/impersonation.ts";
import { KubeconfigError } from "./format.ts";

/** `--as`, `--as-uid`, `--as-group`. */
export interface ActingOverrides {
  as?: string;
  asUid?: string;
  asGroups?: readonly string[];
}

/**
 * As whom a user of the kubeconfig acts, or whom the command line names in place of that. Undefined: as himself. Throws KubeconfigError for what can't be said
 * to a server: if it were passed over, a command that was meant to run with fewer rights would run with all of ours.
 */
export function actingAs(user: JsonObject, { as, asUid, asGroups = [] }: ActingOverrides): Impersonation | undefined {
  const isTyped = as !== undefined || asUid !== undefined || asGroups.length > 0;
  const acting = isTyped
    ? { user: as, uid: asUid, groups: asGroups, extra: {} }
    : {
        user: said(user.as, "as"),
        uid: said(user["as-uid"], "as-uid"),
        groups: listed(user["as-groups"], "as-groups"),
        extra: extraOf(user["as-user-extra"]),
      };
  const { uid, groups, extra } = acting;
  if (!acting.user) {
    if (!uid && groups.length === 0 && Object.keys(extra).length === 0) return undefined;
    throw new KubeconfigError("requesting uid, groups or user-extra without impersonating a user: --as names the user");
  }
  for (const text of [acting.user, uid ?? "", ...groups, ...Object.values(extra).flat()])
    if (!/^[\x20-\x7e]*$/.test(text))
      throw new KubeconfigError("whom to act as has characters that a header cannot have");
  return { user: acting.user, groups, extra, ...(uid ? { uid } : {}) };
}

function said(value: unknown, field: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw new KubeconfigError(`the kubeconfig's user.${field} must be a string`);
}

function listed(value: unknown, field: string): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
  throw new KubeconfigError(`the kubeconfig's user.${field} must be a list of strings`);
}

function extraOf(value: unknown): Record<string, string[]> {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value))
    throw new KubeconfigError("the kubeconfig's user.as-user-extra must be a map of lists");
  return Object.fromEntries(Object.entries(value).map(([key, values]) => [key, listed(values, "as-user-extra")]));
}
