import { humanDuration } from "../../../lib/duration.ts";

/** Time since a timestamp of the API; `<unknown>` when there is none. */
export function age(timestamp: string | null | undefined, now: Date): string {
  if (!timestamp) return "<unknown>";
  const then = Date.parse(timestamp);
  return Number.isNaN(then) ? "<unknown>" : humanDuration(now.getTime() - then);
}
