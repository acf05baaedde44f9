import type { Stored } from "../../../../api/object.ts";
import type { Event } from "../../../../api/types.generated.ts";
import { byTime, interval } from "../../text/event-row.ts";
import { type Entry, labelledLines } from "../../text/labelled-lines.ts";
import type { Look } from "../../text/look.ts";
import { ruledTable } from "../../text/ruled-table.ts";
import { eventTone, inTone } from "../../text/tone.ts";

/** The last part of every description: what happened, oldest first. With several objects a column says to which. */
export function eventLines(events: readonly Stored<Event>[], { now, paint }: Look): string[] {
  const several = new Set(events.map((event) => event.involvedObject.uid)).size > 1;
  const rows = events
    .toSorted(byTime)
    .map((event) => [
      event.type ?? "",
      event.reason ?? "",
      interval(event, now),
      event.source?.component ?? event.reportingComponent ?? "",
      ...(several ? [`${event.involvedObject.kind?.toLowerCase()}/${event.involvedObject.name}`] : []),
      event.message ?? "",
    ]);
  const header = ["Type", "Reason", "Age", "From", ...(several ? ["Object"] : []), "Message"];
  const byType = (cell: string, column: string): string =>
    column === "Type" ? inTone(paint, eventTone(cell), cell) : cell;
  const entry: Entry = ["Events", rows.length > 0 ? ruledTable(header, rows, byType) : "<none>"];
  return labelledLines([entry]);
}
