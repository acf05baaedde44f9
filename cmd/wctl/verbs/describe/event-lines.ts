import type { Stored } from "../../../../api/object.ts";
import type { Event } from "../../../../api/types.generated.ts";
import { byTime, interval } from "../../text/event-row.ts";
import { type Entry, labelledLines } from "../../text/labelled-lines.ts";
import { plain } from "../../text/plain.ts";
import { ruledTable } from "../../text/ruled-table.ts";

/** The last part of every description: what happened, oldest first. With several objects a column says to which. */
export function eventLines(events: readonly Stored<Event>[], now: Date): string[] {
  const several = new Set(events.map((event) => event.involvedObject.uid)).size > 1;
  const rows = events
    .toSorted(byTime)
    .map((event) => [
      event.type ?? "",
      event.reason ?? "",
      interval(event, now),
      event.source?.component ?? event.reportingComponent ?? "",
      ...(several ? [`${event.involvedObject.kind?.toLowerCase()}/${event.involvedObject.name}`] : []),
      plain((event.message ?? "").trim().replace(/\s*\n\s*/g, " ")),
    ]);
  const header = ["Type", "Reason", "Age", "From", ...(several ? ["Object"] : []), "Message"];
  const entry: Entry = ["Events", rows.length > 0 ? ruledTable(header, rows) : "<none>"];
  return labelledLines([entry]);
}
