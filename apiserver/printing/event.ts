import type { Stored } from "../../api/object.ts";
import type { Event } from "../../api/types.generated.ts";
import { age } from "./age.ts";
import type { Cell, PrintContext } from "./cell.ts";

/** As `printEvent` of Kubernetes `pkg/printers/internalversion`: an event seen once was last seen when it was first seen. */
export const eventLastSeen = (event: Stored<Event>, context: PrintContext): Cell =>
  event.lastTimestamp ? age(event.lastTimestamp, context.now) : eventFirstSeen(event, context);

export const eventFirstSeen = (event: Stored<Event>, context: PrintContext): Cell =>
  age(event.firstTimestamp || event.eventTime, context.now);

export const eventObject = ({ involvedObject }: Stored<Event>): Cell => {
  const kind = (involvedObject.kind ?? "").toLowerCase();
  return involvedObject.name ? `${kind}/${involvedObject.name}` : kind;
};

export function eventSource({ source, reportingComponent, reportingInstance }: Stored<Event>): Cell {
  const component = source?.component || reportingComponent || "";
  const host = source?.host || (source?.component ? "" : (reportingInstance ?? ""));
  return host ? `${component}, ${host}` : component;
}
