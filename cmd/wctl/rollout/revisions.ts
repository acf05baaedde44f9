import type { RecordedContent } from "../../../api/content/recorded-content.ts";
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
  /** What of ConfigMaps and Secrets belongs to it. Without a `digest` it is what was there first. */
  recorded: RecordedContent | undefined;
}

/**
 * The history of a Process, oldest first. `records`: the ControllerRevisions of its namespace. The template of the spec is recorded some seconds
 * after it was applied; it has the number that it will get already now. So it has when it was rolled back and the template before it came back.
 */
export function revisionsOf(process: Stored<Process>, records: readonly Stored<ControllerRevision>[]): Revision[] {
  const recorded = records
    .filter((record) => controllerOf(record)?.uid === process.metadata.uid)
    .map(({ revision, data, metadata }): Revision => {
      const { spec, content } = data as unknown as Recorded;
      const changeCause = causeOf(metadata) ?? changeOf(content);
      return { number: revision, template: spec, changeCause, recorded: content };
    })
    .sort((a, b) => a.number - b.number);
  if (recorded.some((revision) => isCurrent(process, revision))) return recorded;
  const next = (recorded.at(-1)?.number ?? 0) + 1;
  const { content } = process.status ?? {};
  const changeCause = changeOf(content) ?? causeOf(process.metadata);
  return [...recorded, { number: next, template: templateOf(process.spec), changeCause, recorded: content }];
}

interface Recorded {
  spec: ProcessTemplate;
  content?: RecordedContent;
}

const changeOf = (content: RecordedContent | undefined): string | undefined =>
  content?.changed === undefined ? undefined : `${content.changed} changed`;

/** Does the spec say this, with the content that is there now? */
export const isCurrent = (process: Stored<Process>, revision: Revision): boolean =>
  hasTemplateOf(process, revision) && revision.recorded?.digest === process.status?.content?.digest;

/** Does it differ from the present one at most in the content of ConfigMaps and Secrets? */
export const hasTemplateOf = ({ spec }: Stored<Process>, { template }: Revision): boolean =>
  sameJson(template, templateOf(spec));

/** The last one that is not what the spec says: where `rollout undo` goes to. */
export const previousOf = (process: Stored<Process>, revisions: readonly Revision[]): Revision | undefined =>
  revisions.findLast((revision) => !isCurrent(process, revision));

const causeOf = ({ annotations }: Stored["metadata"]): string | undefined =>
  annotations?.[wellKnown.changeCauseAnnotation];
