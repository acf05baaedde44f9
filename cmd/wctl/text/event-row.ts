import type { Event } from "../../../api/types.generated.ts";
import { age } from "./age.ts";
import { plain, plainLine } from "./plain.ts";

/** When it last happened, in milliseconds since 1970; 0 when it does not say. */
function lastSeen(event: Event): number {
  const time = event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? event.metadata.creationTimestamp;
  return time ? Date.parse(time) : 0;
}

/** Oldest first; what happened in the same second in the order it was recorded. */
export const byTime = (a: Event, b: Event): number =>
  lastSeen(a) - lastSeen(b) || Number(a.metadata.resourceVersion ?? 0) - Number(b.metadata.resourceVersion ?? 0);

/** `5m`, or `2s (x3 over 5m)` for what happened several times (kubectl `pkg/cmd/events`, getInterval). */
export function interval(event: Event, now: Date): string {
  const first = age(event.eventTime ?? event.firstTimestamp ?? event.metadata.creationTimestamp, now);
  const { count = 1 } = event;
  return count > 1 ? `${age(event.lastTimestamp, now)} (x${count} over ${first})` : first;
}

/** LAST SEEN, TYPE, REASON, OBJECT, MESSAGE. */
export const eventRow = (event: Event, now: Date): string[] => [
  interval(event, now),
  plain(event.type ?? ""),
  plain(event.reason ?? ""),
  plain(`${event.involvedObject.kind?.toLowerCase() ?? ""}/${event.involvedObject.name ?? ""}`),
  plainLine(event.message ?? ""),
];
