import { sameJson } from "../../lib/same-json.ts";
import { toldInPlace } from "./replicas/instance-of.ts";
import type { Situation, Step, Wanted } from "./situation.ts";

/**
 * How a copy is told of new content, and where it reads that of its revision, is no part of the template: replicas that stay follow their Process. After
 * a rollback that has ended, because the content came back, they read it where everybody does.
 */
export function reconfigure({ process, replicas }: Situation, wanted: Wanted, going: readonly Step[]): Step[] {
  const removed = new Set(going.map((step) => (step.do === "delete" ? step.replica : undefined)));
  const { configChange } = toldInPlace(process.spec);
  return replicas
    .filter((replica) => !replica.deleting && !removed.has(replica))
    .map((replica): Step & { do: "reconfigure" } => {
      const follows = !wanted.paused && replica.revision === wanted.revision;
      const keptContent = follows ? wanted.keptContent : replica.instance.spec.keptContent;
      return { do: "reconfigure", replica, configChange, keptContent };
    })
    .filter(({ keptContent, replica: { instance } }) => {
      const { spec } = instance;
      return !sameJson([configChange, keptContent], [spec.configChange, spec.keptContent]);
    });
}
