import type { JsonObject } from "../../lib/json-object.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Schema } from "../admission/schema.ts";
import { changed, compare } from "./compare.ts";
import { type Conflict, conflictError, conflictsWith, unless } from "./conflicts.ts";
import { type FieldSet, isEmptySet, noFields, unionOf } from "./field-set.ts";
import { fieldSetOf } from "./field-set-of.ts";
import { entryFor, identityOf, inOrder, isSameManager, type Manager, type Managers, without } from "./managers.ts";
import { merge } from "./merge.ts";
import { withOwners } from "./ownership.ts";
import { prune } from "./prune.ts";
import { reconciled } from "./reconcile.ts";

export interface Apply {
  /** What is there; an empty object when nothing is. */
  live: unknown;
  managers: Managers;
  config: JsonObject;
  schema: Schema;
  writer: Manager & { operation: "Apply" };
  /** Takes what others own. */
  force: boolean;
  /** What may be changed without force, whoever owns it. */
  allowed?: () => FieldSet;
  /** Of the errors, where the client speaks another version than the managers. */
  shownVersion?: string | undefined;
  /** RFC 3339, seconds. */
  now: string;
}

export interface Applied {
  /** Not admitted yet: what was taken away may be null, or is to get its default. */
  merged: unknown;
  managers: Managers;
}

/**
 * Server-side apply (KEP-555): `live` with what the configuration says, without what its manager said before and says no more and nobody else owns. The manager owns
 * exactly the fields of its configuration. Throws Conflict, with every field that others own and this would change, unless it is forced: then they own it no longer.
 */
export function applyConfiguration({ live, config, schema, writer, force, now, ...rest }: Apply): Applied {
  const managers = reconciled(rest.managers, schema, writer);
  const said = fieldSetOf(config, schema);
  const fields = withOwners(said);
  const mine = managers.find((entry) => isSameManager(entry, writer));
  const others = managers.filter((entry) => entry !== mine);
  // With what nobody owns, as the name: when the last label goes, metadata stays.
  const owned = unionOf([said, ...others.map(({ fieldsV1 }) => fieldsV1)]);
  const last = mine?.apiVersion === writer.apiVersion ? mine.fieldsV1 : noFields;
  const merged = prune(merge(live, config, schema), last, owned, schema);
  const comparison = compare(live, merged, schema);
  if (!force) refuse(conflictsWith(others, changed(comparison)), rest);
  const left = without(others, changed(comparison), comparison.removed);
  const applied = isEmptySet(fields) ? [] : [entryFor(writer, fields, now)];
  return { merged, managers: inOrder([...left, ...applied]) };
}

function refuse(conflicts: readonly Conflict[], { allowed, shownVersion }: Pick<Apply, "allowed" | "shownVersion">) {
  const left = conflicts.length > 0 && allowed ? unless(conflicts, allowed()) : conflicts;
  if (left.length > 0) throw conflictError(left, shownVersion);
}

/** The managers with the times that they had, for an apply that changed nothing: who came to own what was there has none. */
export function withFormerTimes(managers: Managers, former: Managers): Managers {
  const times = new Map(former.map((entry) => [identityOf(entry), entry]));
  const settled = managers.map((entry) => {
    const before = times.get(identityOf(entry));
    const isSame = before?.apiVersion === entry.apiVersion && sameJson(before.fieldsV1, entry.fieldsV1);
    return isSame ? before : entryFor(entry, entry.fieldsV1, before?.time);
  });
  return inOrder(settled);
}
