import type { ProbeResult } from "./prober.ts";

/** One way of asking. When the signal aborts with `timedOut`, that is a failure; with any other reason nobody wants the result any more. */
export interface ProbeAction {
  /** Rejects when it could not ask at all: then there is no result. */
  run(signal: AbortSignal): Promise<ProbeResult>;
}
