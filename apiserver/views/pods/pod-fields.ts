import type { Instance } from "../../../api/types.generated.ts";
import { fieldAt, type SelectableField } from "../../kinds/kind.ts";
import { podPhaseOf } from "./pod-phase.ts";

/** Field selectors of Pods beside metadata.name and metadata.namespace, as they are asked of Instances. */
export const podFields: ReadonlyMap<string, SelectableField> = new Map([
  ["spec.nodeName", fieldAt("spec.nodeName")],
  ["spec.restartPolicy", fieldAt("spec.restartPolicy", "Always")],
  ["spec.hostNetwork", () => ["true"]],
  ["spec.schedulerName", () => [""]],
  ["spec.serviceAccountName", () => [""]],
  ["status.nominatedNodeName", () => [""]],
  ["status.phase", (instance) => [podPhaseOf(instance as unknown as Instance)]],
]);
