/**
 * What becomes of a key after its reconcile (controller-runtime's Result). To look again later and to wait for the user are outcomes; a reconciler
 * throws only for a bug or a failing machine.
 */
export type Outcome =
  | { kind: "done" }
  /** Something is not ready yet: look again after this long, at the latest. */
  | { kind: "again"; afterMs: number }
  /** Only a new spec can help. */
  | { kind: "stalled"; reason: string; message: string };

export const done: Outcome = { kind: "done" };
export const requeueAfter = (afterMs: number): Outcome => ({ kind: "again", afterMs });
