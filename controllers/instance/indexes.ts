import type { Instance } from "../../api/types.generated.ts";
import type { Indexers } from "../../machinery/lister.ts";
import { referenceKeys } from "./launch/instance-sources.ts";

/** Indexes of the Instances' lister. */
export const byUid = "uid";
/** `namespace/name` of the Process that an Instance belongs to. */
export const byProcess = "process";
/** `namespace/name` of every Process that an Instance depends on. */
export const byDependency = "dependsOn";
/** Every Secret and ConfigMap that an Instance names. */
export const byReference = "reference";

export const instanceIndexers: Indexers<Instance> = {
  [byUid]: ({ metadata }) => [metadata.uid],
  [byProcess]: ({ metadata, spec }) => [`${metadata.namespace}/${spec.processName ?? ""}`],
  [byDependency]: ({ metadata, spec }) => (spec.dependsOn ?? []).map(({ name }) => `${metadata.namespace}/${name}`),
  [byReference]: referenceKeys,
};
