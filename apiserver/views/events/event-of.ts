import type { Stored } from "../../../api/object.ts";
import { apiVersionOf, events, eventsV1 } from "../../../api/scheme.ts";
import type { JsonObject } from "../../../lib/json-object.ts";

/** What events.k8s.io/v1 calls the fields of a core/v1 Event (`pkg/apis/events/v1/conversion.go`); the others have one name in both. */
const coreNames: ReadonlyMap<string, string> = new Map([
  ["deprecatedCount", "count"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedSource", "source"],
  ["note", "message"],
  ["regarding", "involvedObject"],
  ["reportingController", "reportingComponent"],
]);
const newNames: ReadonlyMap<string, string> = new Map(Array.from(coreNames, ([renamed, core]) => [core, renamed]));

/** The core/v1 Event that is stored, as events.k8s.io/v1 says it. */
export const newEventOf = (event: Stored): Stored => ({
  ...(renamed(event as unknown as JsonObject, newNames) as unknown as Stored),
  apiVersion: apiVersionOf(eventsV1),
});

/** A body of events.k8s.io/v1 as one of core/v1, and what in it is a name of core/v1 only, which it does not know. */
export function coreEventOf(body: JsonObject): { event: JsonObject; unknown: string[] } {
  const unknown = Object.keys(body).filter((name) => newNames.has(name));
  const known = Object.fromEntries(Object.entries(body).filter(([name]) => !newNames.has(name)));
  return { event: { ...renamed(known, coreNames), apiVersion: apiVersionOf(events) }, unknown };
}

export const newFieldNames: readonly string[] = [...coreNames.keys()];

const renamed = (object: JsonObject, names: ReadonlyMap<string, string>): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [names.get(name) ?? name, value]));
