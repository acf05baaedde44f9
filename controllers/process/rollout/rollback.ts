import { findCondition, timestamp } from "../../../api/conditions.ts";
import type { Stored } from "../../../api/object.ts";
import { templateOf } from "../../../api/process-template.ts";
import type { Process, ProcessStatus, ProcessTemplate } from "../../../api/types.generated.ts";
import { sameJson } from "../../../lib/same-json.ts";
import type { KeptContent } from "../content/kept-content.ts";
import { revisionOf } from "../history/revision.ts";

type Rollback = NonNullable<ProcessStatus["rollback"]>;

/**
 * The rollback that is in force: what spec and content say has failed, and they still say it. Neither is ever changed, because they belong to whoever
 * wrote them: a manifest that is applied again says the same and changes nothing, another template and other content are tried.
 */
export function rollbackOf(process: Stored<Process>): Rollback | undefined {
  const { rollback } = process.status ?? {};
  if (process.spec.rollback !== "OnDeadline") return undefined;
  return rollback?.from === revisionOf(process) ? rollback : undefined;
}

/**
 * What every replica shall be: for a paused Process what was rolled out last, after a rollback what was brought back, else the present template, even
 * if the controller has not seen it yet.
 */
export const intendedRevisionOf = (process: Stored<Process>): string | undefined =>
  process.spec.paused ? process.status?.currentRevision : (rollbackOf(process)?.to ?? revisionOf(process));

/**
 * The revision that can be brought back in place of that of the spec; none when there is none, or when that has been done. `refusal`: it can't, because
 * content that it was made with is not kept.
 */
export function goalOf(
  process: Stored<Process>,
  { templates, kept }: { templates: ReadonlyMap<string, ProcessTemplate>; kept?: ReadonlyMap<string, KeptContent> },
): { revision?: string; refusal?: string } {
  const stable = stableRevisionOf(process, revisionOf(process));
  if (process.spec.rollback !== "OnDeadline" || rollbackOf(process) !== undefined || stable === undefined) return {};
  const template = templates.get(stable);
  const { references, missing } = kept?.get(stable) ?? {};
  if (!template || (references === undefined && missing === undefined && sameJson(template, templateOf(process.spec))))
    return {};
  return missing === undefined ? { revision: stable } : { refusal: missing };
}

/**
 * When another revision comes, or all is paused or stopped, the one that was rolled out completely until then is the one to go back to: what is said of
 * progress meanwhile does not tell it any more.
 */
export function stableRevisionOf({ spec, status }: Stored<Process>, next: string | undefined): string | undefined {
  const complete = findCondition(status?.conditions, "Progressing")?.reason === "RolloutComplete";
  const current = status?.currentRevision;
  const ends = spec.suspend === true || spec.paused === true || (next !== undefined && current !== next);
  return complete && current !== undefined && ends ? current : status?.stableRevision;
}

/** In force from now on. */
export const rollbackFrom = (process: Stored<Process>, to: string, message: string, now: Date): Rollback => ({
  from: revisionOf(process),
  to,
  message,
  time: timestamp(now),
});
