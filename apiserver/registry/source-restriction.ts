import { labelOf } from "../../api/apply/source-marks.ts";
import { forbidden } from "../../api/errors.ts";
import type { KubeObject } from "../../api/object.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { isPartOfDaemon } from "../authentication/identity.ts";
import { sourceLabelRestriction } from "../kinds/git-source-label.ts";
import type { Content, Kind } from "../kinds/kind.ts";
import { authorityOf } from "./writer-restriction.ts";

/**
 * By its label a source knows what it has made: it prunes that, its brake counts it, and other sources leave it alone. So a stranger could hold up every revision of a
 * source with it. Asked with the very version that is then written over. Throws Forbidden.
 */
export function assertMayBeOfSource(
  { resource }: Kind,
  { user, authority }: WriteContext,
  content: Content,
  next: KubeObject,
  current: KubeObject | undefined,
): void {
  const label = labelOf(next);
  const isSaid = label !== undefined && (!current || labelOf(current) !== label);
  if (!isSaid || !user || isPartOfDaemon(user)) return;
  const why = sourceLabelRestriction(label, authorityOf(user, authority), content);
  if (why !== undefined) throw forbidden(resource, next.metadata.name, why);
}
