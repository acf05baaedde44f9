import type { Stored } from "../../api/object.ts";
import type { Instance, Process } from "../../api/types.generated.ts";

/** null is a missing value. */
export type Cell = string | number | boolean | null;

/** What printers may know beside the Object. */
export interface PrintContext {
  now: Date;
  /** Fetched for the whole Table when the first cell asks. */
  instancesOf(process: Stored<Process>): readonly Stored<Instance>[];
}
