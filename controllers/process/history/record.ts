import { controllerReference, type Stored } from "../../../api/object.ts";
import { wellKnown } from "../../../api/scheme.ts";
import type { ControllerRevision, Process, ProcessTemplate } from "../../../api/types.generated.ts";
import { labelValue, shortHash } from "./revision.ts";

const LONGEST_NAME = 253;

/** What the ControllerRevision of this revision is called: the same, unless that is too long for the name of an Object. */
export const recordName = (revision: string): string =>
  revision.length <= LONGEST_NAME ? revision : shortHash(revision);

/**
 * A template as it is written down. Labels of the Process are not copied: what selects its replicas, or what a folder made, must not find its
 * history too.
 */
export function recordOf(
  process: Stored<Process>,
  { revision, number, template }: { revision: string; number: number; template: ProcessTemplate },
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
    },
    data: { spec: template },
    revision: number,
  };
}

/** The template that was written down. */
export const templateOfRecord = ({ data }: ControllerRevision): ProcessTemplate | undefined =>
  (data as { spec?: ProcessTemplate } | undefined)?.spec;
