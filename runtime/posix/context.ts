import type { Clock } from "../../lib/clock.ts";
import type { LaunchContext } from "./start/start-context.ts";
import type { ProcessThread } from "./thread/process-thread.ts";

/** What the parts of the posix body share; made once by `PosixRuntime.open`. */
export interface PosixContext extends LaunchContext {
  readonly processes: ProcessThread;
  readonly clock: Clock;
}
