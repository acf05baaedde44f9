import type { ExecRequest, ExecSession, ExecUser } from "../../api/exec/exec-session.ts";
import type { Stored } from "../../api/object.ts";

/** The API server must run commands but never sees a process: the daemon hands this in. */
export interface ExecSource {
  /** Rejects with `StatusError` when nothing can be run beside this Object now, or nothing more. */
  open(object: Stored, request: ExecRequest, user: ExecUser): Promise<ExecSession>;
}
