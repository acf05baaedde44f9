import type { DiffOptions, SourceDiff } from "../../api/git/source-diff.ts";
import type { Stored } from "../../api/object.ts";
import type { GitSource } from "../../api/types.generated.ts";

/** The API server must tell what a source would change, but never sees a repository: the daemon hands this in. */
export interface DiffSource {
  /** Nothing is written. Rejects with `StatusError`: TooManyRequests while another is worked out in its namespace, or too many are. */
  diffOf(source: Stored<GitSource>, options: DiffOptions, signal: AbortSignal): Promise<SourceDiff>;
}
