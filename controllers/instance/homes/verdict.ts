import type { HomeNote } from "../../../runtime/homes/homes.ts";

/** What the API shows of the Processes at one revision of the store. */
export interface ProcessesSeen {
  uids: ReadonlySet<string>;
  revision: number;
}

/**
 * What becomes of a home that nobody uses. It lives as long as its Process, so scaling keeps it and the deletion of the Process removes it, as a
 * StatefulSet can do with its volumes. But a store that is older than the home never knew the Process: it was restored, nobody deleted anything, and what
 * the program has kept may be the only copy left. Pure.
 */
export function verdictOf(home: HomeNote, seen: ProcessesSeen): "keep" | "retain" | "remove" {
  if (seen.uids.has(home.owner) || home.isRetained) return "keep";
  return home.revision > seen.revision ? "retain" : "remove";
}
