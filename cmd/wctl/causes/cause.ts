import type { Stored } from "../../../api/object.ts";
import type { Instance, InstanceState } from "../../../api/types.generated.ts";

/** What was observed of one copy, and from which its cause is read. */
export interface Facts {
  instance: Stored<Instance>;
  /** The last lines of the run that ended, or of the one that is not ready: what the program says of itself. */
  output: readonly string[];
}

/** Why something is not as it was wanted, for a person. */
export interface Cause {
  /** The word of the status where it has one: `OOMKilled`, `CommandNotFound`, `DependencyFailed`. */
  reason: string;
  /** What was seen, as a sentence without its subject. */
  message: string;
  /** What to do, or where to look. */
  advice: string;
}

/**
 * One line of a table of causes: the reasons that it speaks of, and what can be done. `also`: what else must have been seen. The message is that of
 * the status, unless the line has a better one.
 */
export interface Line<Of> {
  reason: string;
  also?: (of: Of) => boolean;
  message?: (of: Of) => string;
  advice: string;
}

/** The run that the copy tells of: the present one if it has ended, else the one before. */
export const lastEnd = ({ status }: Stored<Instance>): InstanceState["terminated"] =>
  status?.state?.terminated ?? status?.lastState?.terminated;
