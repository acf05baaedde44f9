import type { RuntimeContext } from "../../context.ts";
import type { DynamicUsers } from "../accounts/dynamic-users.ts";
import type { Containment } from "../containment/containment.ts";
import type { ProcessAttributes } from "../launcher/launch-calls.ts";

/** What a start needs, in the thread that makes it. */
export interface LaunchContext extends RuntimeContext {
  readonly bootId: string;
  readonly containment: Containment;
  /** The state every workload begins with. */
  readonly attributes: ProcessAttributes;
  /** Retains the contents of this log when others truncate it, where that is possible. */
  readonly protectLog: (path: string) => void;
}

/** What only the thread that makes starts has, because only one thread may give out accounts. */
export interface StartContext extends LaunchContext {
  readonly users: DynamicUsers;
}
