import type { Stored } from "../../api/object.ts";
import { apiVersionOf, events, instances } from "../../api/scheme.ts";
import type { Event } from "../../api/types.generated.ts";
import { age } from "../printing/age.ts";
import type { Cell } from "../printing/column.ts";
import { type FieldError, invalidValue } from "../validation/field-error.ts";
import { defineKind } from "./kind.ts";

export const eventKind = defineKind<Event>({
  resource: events,
  validate,
  // Nothing belongs to an Event: as in Kubernetes it goes at once, whatever shall become of its dependents.
  propagation: () => undefined,
  // Events come in bursts, and clients seldom page through them for long.
  historyBytes: 4 * 1024 * 1024,
  columns: [
    { name: "Last Seen", type: "string", description: "Time since it last happened.", cellNow: lastSeen },
    { name: "Type", type: "string", path: ".type", description: "Normal or Warning." },
    { name: "Reason", type: "string", path: ".reason", description: "One word." },
    { name: "Object", type: "string", description: "What it happened to.", cell: objectOf },
    { name: "Subobject", type: "string", priority: 1, path: ".involvedObject.fieldPath", description: "Which part." },
    { name: "Source", type: "string", priority: 1, description: "Who saw it.", cell: sourceOf },
    { name: "Message", type: "string", path: ".message", description: "A sentence." },
    {
      name: "First Seen",
      type: "string",
      priority: 1,
      description: "Time since it first happened.",
      cellNow: firstSeen,
    },
    { name: "Count", type: "string", priority: 1, path: ".count", description: "How often." },
    { name: "Name", type: "string", priority: 1, path: ".metadata.name", description: "Of the event." },
  ],
  selectableFields: [
    {
      field: "involvedObject.kind",
      texts: ({ involvedObject }) => [involvedObject.kind ?? "", ...asPod("Pod", involvedObject)],
    },
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    {
      field: "involvedObject.apiVersion",
      texts: ({ involvedObject }) => [involvedObject.apiVersion ?? "", ...asPod("v1", involvedObject)],
    },
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    { field: "source", texts: ({ source }) => [source?.component ?? ""] },
    "type",
  ],
});

/** An Event lives in the namespace of what it is about; those about Objects without one in `default`: nobody tells of a Node who may write elsewhere. */
function validate({ metadata, involvedObject }: Event): FieldError[] {
  const { namespace = "" } = involvedObject;
  if (metadata.namespace === (namespace || "default")) return [];
  return [invalidValue("involvedObject.namespace", namespace, "does not match event.namespace")];
}

/** What happens to an Instance happens to its Pod: `kubectl describe pod` asks for the Events of that. */
const asPod = (text: string, { kind, apiVersion }: Event["involvedObject"]): string[] =>
  kind === instances.kind && apiVersion === apiVersionOf(instances) ? [text] : [];

/** As `printEvent` of Kubernetes `pkg/printers/internalversion`: an event seen once was last seen when it was first seen. */
function lastSeen(event: Stored<Event>, now: Date): Cell {
  return event.lastTimestamp ? age(event.lastTimestamp, now) : firstSeen(event, now);
}

function firstSeen(event: Stored<Event>, now: Date): Cell {
  return age(event.firstTimestamp || event.eventTime, now);
}

function objectOf({ involvedObject }: Stored<Event>): Cell {
  const kind = (involvedObject.kind ?? "").toLowerCase();
  return involvedObject.name ? `${kind}/${involvedObject.name}` : kind;
}

function sourceOf({ source, reportingComponent, reportingInstance }: Stored<Event>): Cell {
  const component = source?.component || reportingComponent || "";
  const host = source?.host || (source?.component ? "" : (reportingInstance ?? ""));
  return host ? `${component}, ${host}` : component;
}
