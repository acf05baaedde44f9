import { controllerReference, type Stored } from "../../../api/object.ts";
import { wellKnown } from "../../../api/scheme.ts";
import type { Instance, Process, ProcessSpec, ProcessTemplate } from "../../../api/types.generated.ts";
import { labelValue } from "../history/revision.ts";
import { instanceName, replicaCountOf } from "./replica.ts";

/** The Instance for one index. Its finalizer keeps the name taken until nothing of its process tree is left (P2). */
export function instanceOf(
  process: Stored<Process>,
  make: {
    index: number;
    revision: string;
    template: ProcessTemplate;
    keptContent?: Instance["spec"]["keptContent"];
    nodeName: string;
  },
): Instance {
  const { name, namespace } = process.metadata;
  return {
    apiVersion: process.apiVersion,
    kind: "Instance",
    metadata: {
      name: instanceName(name, make.index),
      ...(namespace === undefined ? {} : { namespace }),
      labels: labelsOf(process, make.revision, make.index >= replicaCountOf(process)),
      ownerReferences: [controllerReference(process)],
      finalizers: [wellKnown.stopFinalizer],
    },
    spec: {
      ...make.template,
      nodeName: make.nodeName,
      index: make.index,
      revision: make.revision,
      processName: name,
      ...(process.spec.suspend ? { suspend: true } : {}),
      ...toldInPlace(process.spec),
      ...(make.keptContent && { keptContent: make.keptContent }),
    },
  };
}

/** How a copy is told of content that changes in place; the agent need not know of anything else. */
export function toldInPlace({ configChange }: ProcessSpec): Pick<ProcessSpec, "configChange"> {
  const isTold = configChange?.action === "Signal" || configChange?.action === "Exec";
  return isTold ? { configChange } : {};
}

/** The labels of a replica: those of its Process, which revision it is of, and whether it only stands in for others. */
export const labelsOf = (
  { metadata }: Stored<Process>,
  revision: string,
  isStandIn: boolean,
): Record<string, string> => ({
  ...withoutSource(metadata.labels),
  [wellKnown.processLabel]: labelValue(metadata.name),
  [wellKnown.revisionLabel]: labelValue(revision),
  ...(isStandIn && { [wellKnown.standInLabel]: "true" }),
});

/** It was made as one, and `replicas` has not been raised to it since. One that becomes superfluous is none: what it has kept is its own. */
export const isStandIn = (process: Stored<Process>, { spec, metadata }: Stored<Instance>): boolean =>
  metadata.labels?.[wellKnown.standInLabel] !== undefined && spec.index >= replicaCountOf(process);

/** The source made the Process and not its replicas: it must not prune them. */
function withoutSource(labels: Record<string, string> = {}): Record<string, string> {
  const { [wellKnown.sourceLabel]: _, ...others } = labels;
  return others;
}

/** The template that a replica was made of. */
export function templateOfInstance(instance: Stored<Instance>): ProcessTemplate {
  const { nodeName, index, revision, processName, suspend, configChange, keptContent, ...template } = instance.spec;
  return template;
}
