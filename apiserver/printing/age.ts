import { humanDuration } from "../../lib/duration.ts";

/** Time since an RFC 3339 timestamp as kubectl shows it: `5d`, `3m2s`; `<unknown>` for a missing one. */
export function age(timestamp: unknown, now: Date): string {
  if (timestamp === undefined || timestamp === null || timestamp === "") return "<unknown>";
  const then = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(then) ? "<invalid>" : humanDuration(now.getTime() - then);
}
