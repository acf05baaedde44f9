import { controllerReference, type Stored } from "../../../api/object.ts";
import { wellKnown } from "../../../api/scheme.ts";
import type { ControllerRevision, Process, ProcessTemplate } from "../../../api/types.generated.ts";
import { labelValue, shortHash } from "./revision.ts";

const LONGEST_NAME = 253;

/** What the ControllerRevision of this revision is called: the same, unless that is too long for the name of an Object. */
export const recordName = (revision: string): string =>
  revision.length <= LONGEST_NAME ? revision : shortHash(revision);

/**
 * A template as it is recorded. The labels of the Process are left out: a selector for its replicas, or for what a source made, must not match
 * its history.
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

/** The template that was recorded. */
export const templateOfRecord = ({ data }: ControllerRevision): ProcessTemplate | undefined =>
  (data as { spec?: ProcessTemplate } | undefined)?.spec;
