import { findCondition } from "../../api/conditions.ts";
import { parseRevision, type Revision } from "../../api/git/revision.ts";
import { wellKnown } from "../../api/scheme.ts";
import type { GitSource } from "../../api/types.generated.ts";

/** What a suspended source is to be taken back to, by the name under which it was applied. Undefined: nothing was asked for. Pure. */
export function rollbackOf({ metadata, spec, status }: GitSource): Revision | undefined {
  const commit = metadata.annotations?.[wellKnown.rollbackToAnnotation];
  if (!spec.suspend || commit === undefined) return undefined;
  const applied = (status?.history ?? []).map(({ revision }) => parseRevision(revision));
  return applied.find((one) => one?.commit === commit) ?? { name: "", commit };
}

/**
 * Whether that is still to be done. The status alone says it, so a daemon that was killed on the way goes on. Who asks once more (`wctl.dev/reconcile-at`) has it
 * done once more: what is applied may be another revision that the status does not tell of yet. Pure.
 */
export function isRollbackDue(source: GitSource): boolean {
  const to = rollbackOf(source);
  if (!to) return false;
  const { lastAppliedRevision = "", lastHandledReconcileAt, conditions } = source.status ?? {};
  const isApplied = parseRevision(lastAppliedRevision)?.commit === to.commit;
  const isAnswered = lastHandledReconcileAt === source.metadata.annotations?.[wellKnown.reconcileAtAnnotation];
  return !isApplied || !isAnswered || findCondition(conditions, "Ready")?.status !== "True";
}
