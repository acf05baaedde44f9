import { forbidden } from "../../api/errors.ts";
import type { KubeObject } from "../../api/object.ts";
import type { Authority } from "../admission/authority.ts";
import type { WriteContext } from "../admission/write-context.ts";
import type { Identity } from "../authentication/identity.ts";
import type { Content, Kind } from "../kinds/kind.ts";

/**
 * What depends on what the writer himself has: what he grants to others, as whom he lets programs run. Asked with the very version that is then written
 * over. Only the server itself writes without a user;
 * of whom nobody says what he may, he may nothing. Throws Forbidden.
 */
export function assertWriterMay(
  kind: Kind,
  { user, authority }: WriteContext,
  content: Content,
  next: KubeObject,
  current: KubeObject | undefined,
): void {
  if (!kind.writerRestriction || !user) return;
  const why = kind.writerRestriction(next, current, authorityOf(user, authority), content);
  if (why !== undefined) throw forbidden(kind.resource, next.metadata.name, why);
}

export const authorityOf = (user: Identity, authority: Authority | undefined): Authority =>
  authority ?? { user, may: () => false, rulesIn: () => [], unresolvedIn: () => [] };
