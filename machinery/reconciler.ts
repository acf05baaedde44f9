import type { Key } from "../api/object.ts";
import type { Outcome } from "./outcome.ts";

/** It holds a key and nothing else, so a lost or doubled event does no harm. */
export interface Request {
  key: Key;
}

export interface Reconciler {
  /** There is at most one call per key at a time. If it rejects, that is logged and the key is retried with a rate limit. */
  reconcile(request: Request, signal: AbortSignal): Promise<Outcome>;
}
