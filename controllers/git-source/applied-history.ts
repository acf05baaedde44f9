import { timestamp } from "../../api/conditions.ts";
import type { GitSourceStatus } from "../../api/types.generated.ts";

type History = NonNullable<GitSourceStatus["history"]>;

/** As many as a status holds (`schemas/git-source.json`). */
const MOST = 10;

/** What was applied, the newest first: with this revision, which is applied now, before what was applied until then. Pure. */
export function historyWith(history: History, revision: string, now: Date): History {
  if (history[0]?.revision === revision) return history;
  return [{ revision, appliedAt: timestamp(now) }, ...history].slice(0, MOST);
}
