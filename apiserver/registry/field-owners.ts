import { invalid } from "../../api/errors.ts";
import type { KubeObject, Stored } from "../../api/object.ts";
import { apiVersionOf } from "../../api/scheme.ts";
import { sameJson } from "../../lib/same-json.ts";
import { assertWellFormed } from "../admission/well-formed.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { claimCauses, readClaim } from "../apply/claimed-managers.ts";
import type { Manager, Managers } from "../apply/managers.ts";
import { managersAfterUpdate } from "../apply/ownership.ts";
import type { Kind } from "../kinds/kind.ts";

/** The name under which the daemon's own parts own fields, when they say no other. */
const DAEMON = "wctld";

export const managerOf = <O extends Manager["operation"]>(
  { resource }: Kind,
  { fieldManager = DAEMON, subresource }: WriteContext,
  operation: O,
): Manager & { operation: O } => ({
  manager: fieldManager,
  operation,
  apiVersion: apiVersionOf(resource),
  ...(subresource === undefined ? {} : { subresource }),
});

export const storedManagers = ({ metadata }: Stored): Managers => (metadata.managedFields ?? []) as Managers;

/** What can be read must be possible to write back, and everybody who applies adds what he owns. Throws RequestEntityTooLarge. */
export function assertWritableBack(next: KubeObject, former: KubeObject): void {
  if (next.metadata.managedFields !== former.metadata.managedFields) assertWellFormed(next);
}

export function withManagers<T extends KubeObject>(object: T, managers: Managers): T {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: managers.length === 0 ? metadata : { ...metadata, managedFields: [...managers] } };
}

/**
 * `next` with who owns what of it after this write, which is no apply. What it says itself of its managers is a claim: it is taken for true when it can be read.
 * An Object that remembers nobody goes on so. `current` is absent at a create. Throws BadRequest or Invalid. Pure.
 */
export function withOwners<T extends KubeObject>(
  kind: Kind,
  current: Stored | undefined,
  next: T,
  context: WriteContext,
  now: string,
): T {
  const { managedFields: claimed } = next.metadata;
  const stored = current?.metadata.managedFields;
  const remembers = current ? stored !== undefined : context.tracksFields === true;
  if (!remembers && claimed === undefined) return next;
  const managers = claimedOr(kind, next, stored as Managers | undefined);
  if (managers.length === 0 && (current || !remembers)) return withManagers(next, []);
  const before = current ?? { apiVersion: next.apiVersion, kind: next.kind };
  const write = { before, after: next, schema: kind.schema.whole, writer: managerOf(kind, context, "Update"), now };
  const owners = managersAfterUpdate(managers, write);
  return owners === claimed ? next : withManagers(next, owners);
}

function claimedOr({ resource }: Kind, { metadata }: KubeObject, stored: Managers = []): Managers {
  const claimed = metadata.managedFields;
  if (claimed === stored || sameJson(claimed, stored)) return stored;
  const claim = readClaim(claimed);
  if (claim.says !== "these") return claim.says === "reset" ? [] : stored;
  const causes = claimCauses(claim.managers);
  if (causes.length > 0) throw invalid(resource, metadata.name, causes);
  return claim.managers;
}
