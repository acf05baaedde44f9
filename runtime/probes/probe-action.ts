import type { ProbeResult } from "./prober.ts";

/** One way of asking. A signal aborted with `timedOut` is a failure; with anything else nobody wants the result any more. */
export interface ProbeAction {
  /** Rejects when the question could not be asked at all: then there is no result. */
  run(signal: AbortSignal): Promise<ProbeResult>;
}
