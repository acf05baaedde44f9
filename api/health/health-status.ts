/**
 * How an Object is, in Argo CD's words. Those of kstatus (Current, InProgress, Failed) have none for what somebody has stopped on purpose.
 * Healthy: it is as it was asked for, and works. Progressing: it is on the way, and may get there by itself. Degraded: it failed, or does not get there.
 * Suspended: it is stopped or paused on purpose. Missing: it should be there.
 */
export type Health = "Healthy" | "Progressing" | "Degraded" | "Suspended" | "Missing";

export interface HealthStatus {
  health: Health;
  /** For people; empty where there is nothing to say. It may quote a program: whoever prints it makes it harmless. */
  message: string;
}
