import type { RecordedContent } from "../../../api/content/recorded-content.ts";
import { controllerReference, type ObjectMeta, type Stored } from "../../../api/object.ts";
import { wellKnown } from "../../../api/scheme.ts";
import type { ContentStatus, ControllerRevision, Process, ProcessTemplate } from "../../../api/types.generated.ts";
import { labelValue, revisionOf, revisionOfContent, shortHash } from "./revision.ts";

const LONGEST_NAME = 253;

/** A template that was recorded. The highest `number` was rolled out last. */
export interface Entry {
  name: string;
  number: number;
  changeCause?: string | undefined;
  /** It does not say where content is kept. */
  keepsNothing?: boolean;
}

/** A template, what its revision is called, and why it came, when somebody said so. */
export interface TemplateRevision {
  revision: string;
  template: ProcessTemplate;
  changeCause?: string | undefined;
  content?: RecordedContent | undefined;
}

/** What the ControllerRevision of this revision is called: the same, unless that is too long for the name of an Object. */
export const recordName = (revision: string): string =>
  revision.length <= LONGEST_NAME ? revision : shortHash(revision);

/**
 * A template as it is recorded. The labels of the Process are left out: a selector for its replicas, or for what a source made, must not match
 * its history.
 */
export function recordOf(
  process: Stored<Process>,
  { revision, number, template, changeCause, content }: TemplateRevision & { number: number },
): ControllerRevision {
  const { name, namespace } = process.metadata;
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: recordName(revision),
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [wellKnown.processLabel]: labelValue(name), [wellKnown.revisionLabel]: labelValue(revision) },
      ownerReferences: [controllerReference(process)],
      ...annotationsOf({ changeCause }),
    },
    data: { spec: template, ...(content && { content }) },
    revision: number,
  };
}

/** The template that was recorded. */
export const templateOfRecord = ({ data }: ControllerRevision): ProcessTemplate | undefined =>
  (data as { spec?: ProcessTemplate } | undefined)?.spec;

/** The content that belongs to a revision, if that was recorded. */
export const contentOfRecord = ({ data }: ControllerRevision): RecordedContent | undefined =>
  (data as { content?: RecordedContent } | undefined)?.content;

/** What of the metadata of a record says why its template came. */
export const annotationsOf = ({
  changeCause,
}: Pick<TemplateRevision, "changeCause">): Pick<ObjectMeta, "annotations"> =>
  changeCause === undefined ? {} : { annotations: { [wellKnown.changeCauseAnnotation]: changeCause } };

const changeCauseOf = ({ metadata }: Stored<Process> | Stored<ControllerRevision>): string | undefined =>
  metadata.annotations?.[wellKnown.changeCauseAnnotation];

/** What a Process says of its change is said of the template that it has now, and of no earlier one; and not of a change of content. */
export function editionOf(process: Stored<Process>, revision: string, template: ProcessTemplate): TemplateRevision {
  const { content } = process.status ?? {};
  const recorded = content && revision === revisionOfContent(process) ? recordedContent(content) : undefined;
  const isOfSpec = revision === revisionOf(process) && recorded?.changed === undefined;
  return {
    revision,
    template,
    ...(recorded && { content: recorded }),
    changeCause: isOfSpec ? changeCauseOf(process) : undefined,
  };
}

const recordedContent = ({ key, digests, digest, changed, kept }: ContentStatus): RecordedContent => ({
  key,
  digests,
  ...(digest === undefined ? {} : { digest }),
  ...(changed === undefined ? {} : { changed }),
  ...(kept === undefined ? {} : { kept }),
});

export const entryOf = (record: Stored<ControllerRevision>): Entry => ({
  name: record.metadata.name,
  number: record.revision,
  changeCause: changeCauseOf(record),
  keepsNothing: contentOfRecord(record)?.kept === undefined,
});
