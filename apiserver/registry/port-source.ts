import type { PortSession } from "../../api/exec/port-session.ts";
import type { Stored } from "../../api/object.ts";

/** The API server must reach ports but never sees a process: the daemon hands this in. */
export interface PortSource {
  /** Rejects with `StatusError` when the Object does not run, or nothing more can be opened. `user`: who asks. */
  open(object: Stored, user: string): Promise<PortSession>;
}
