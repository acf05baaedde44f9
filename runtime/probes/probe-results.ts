import type { ProbeResult } from "./prober.ts";

/** The reason a probe's signal is aborted with when its `timeoutSeconds` are over. */
export const timedOut = Symbol("timed out");

export const success = (message = ""): ProbeResult => ({ outcome: "success", message });
export const failure = (message: string): ProbeResult => ({ outcome: "failure", message });
