import type { Key } from "../api/object.ts";
import type { Outcome } from "./outcome.ts";

/** Handed a key and nothing else: a lost or doubled event costs nothing. */
export interface Request {
  key: Key;
}

export interface Reconciler {
  /** At most one call per key at a time. Rejecting means: log it, retry with rate limit. */
  reconcile(request: Request, signal: AbortSignal): Promise<Outcome>;
}
