import { controllerOf, type Stored } from "../../../api/object.ts";
import { templateOf } from "../../../api/process-template.ts";
import { wellKnown } from "../../../api/scheme.ts";
import type { ControllerRevision, Process, ProcessTemplate } from "../../../api/types.generated.ts";
import { sameJson } from "../../../lib/same-json.ts";

/** A template that a Process had or has. The highest number was rolled out last. */
export interface Revision {
  number: number;
  template: ProcessTemplate;
  changeCause: string | undefined;
}

/**
 * The history of a Process, oldest first. `records`: the ControllerRevisions of its namespace. The template of the spec is recorded some seconds
 * after it was applied; it has the number that it will get already now. So it has when it was rolled back and the template before it came back.
 */
export function revisionsOf(process: Stored<Process>, records: readonly Stored<ControllerRevision>[]): Revision[] {
  const recorded = records
    .filter((record) => controllerOf(record)?.uid === process.metadata.uid)
    .map(
      ({ revision, data, metadata }): Revision => ({
        number: revision,
        template: (data as { spec: ProcessTemplate }).spec,
        changeCause: causeOf(metadata),
      }),
    )
    .sort((a, b) => a.number - b.number);
  if (recorded.some((revision) => isCurrent(process, revision))) return recorded;
  const next = (recorded.at(-1)?.number ?? 0) + 1;
  return [...recorded, { number: next, template: templateOf(process.spec), changeCause: causeOf(process.metadata) }];
}

/** Does the spec say this? */
export const isCurrent = ({ spec }: Stored<Process>, { template }: Revision): boolean =>
  sameJson(template, templateOf(spec));

/** The last one that is not what the spec says: where `rollout undo` goes to. */
export const previousOf = (process: Stored<Process>, revisions: readonly Revision[]): Revision | undefined =>
  revisions.findLast((revision) => !isCurrent(process, revision));

const causeOf = ({ annotations }: Stored["metadata"]): string | undefined =>
  annotations?.[wellKnown.changeCauseAnnotation];
