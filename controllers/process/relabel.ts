import { sameJson } from "../../lib/same-json.ts";
import { isStandIn, labelsOf } from "./replicas/instance-of.ts";
import type { Situation, Step } from "./situation.ts";

/** Labels are no part of the template: replicas that stay get those of their Process as they are now, and go on running. */
export function relabel({ process, replicas }: Situation, going: readonly Step[]): Step[] {
  const removed = new Set(going.map((step) => (step.do === "delete" ? step.replica : undefined)));
  return replicas
    .filter((replica) => !replica.deleting && !removed.has(replica))
    .map((replica) => ({ replica, labels: labelsOf(process, replica.revision, isStandIn(process, replica.instance)) }))
    .filter(({ replica, labels }) => !sameJson(labels, replica.instance.metadata.labels))
    .map(({ replica, labels }) => ({ do: "relabel", replica, labels }));
}
