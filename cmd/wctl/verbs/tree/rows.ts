import { isAdopted, isPaused } from "../../../../api/apply/source-marks.ts";
import { healthOf } from "../../../../api/health/health.ts";
import type { Stored } from "../../../../api/object.ts";
import type { Found } from "../../input/find-objects.ts";
import { age } from "../../text/age.ts";
import { plain, plainLine } from "../../text/plain.ts";

export const HEADER = ["NAMESPACE", "NAME", "HEALTH", "AGE", "MESSAGE"];
export const HEALTH_COLUMN = HEADER.indexOf("HEALTH");

/** One line of the tree; names can be handed to other verbs as they are. */
export function rowOf({ resource, object }: Found, lead: string, now: Date): string[] {
  const { namespace = "", name, creationTimestamp } = object.metadata;
  const { health, message } = healthOf(object);
  const marks = marksOf(object);
  const marked = marks.length === 0 ? "" : ` (${marks.join(", ")})`;
  return [
    plainLine(namespace),
    `${lead}${resource.singular}/${plainLine(name)}${marked}`,
    health,
    age(creationTimestamp, now),
    firstLine(message),
  ];
}

const marksOf = (object: Stored): string[] => [
  ...(isPaused(object) ? ["paused"] : []),
  ...(isAdopted(object) ? ["adopted"] : []),
];

/** As tables cut it. */
function firstLine(message: string): string {
  const [first = "", ...more] = message.split(/[\f\n\r]/);
  return plain(first).replaceAll("\t", " ") + (more.length > 0 ? "..." : "");
}
