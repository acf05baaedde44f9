import { sameJson } from "../../lib/same-json.ts";
import { toldInPlace } from "./replicas/instance-of.ts";
import type { Situation, Step } from "./situation.ts";

/** How a copy is told of new content is no part of the template: replicas that stay are told as their Process says now. */
export function reconfigure({ process, replicas }: Situation, going: readonly Step[]): Step[] {
  const removed = new Set(going.map((step) => (step.do === "delete" ? step.replica : undefined)));
  const { configChange } = toldInPlace(process.spec);
  return replicas
    .filter((replica) => !replica.deleting && !removed.has(replica))
    .filter(({ instance }) => !sameJson(configChange, instance.spec.configChange))
    .map((replica) => ({ do: "reconfigure", replica, configChange }));
}
