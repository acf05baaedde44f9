/** How long a call may wait for what it has asked for, and what ends the wait before. */
export interface Waiting {
  timeoutMs: number;
  signal: AbortSignal;
}
