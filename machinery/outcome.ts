/** What happens next to a key. "Try again in a while" and "wait for the user" are results; what a reconciler throws is a bug or a failing machine. */
export type Outcome =
  | { kind: "done" }
  /** The world is not ready yet: look again after this long, at the latest. */
  | { kind: "again"; afterMs: number }
  /** Only a new spec can help. */
  | { kind: "stalled"; reason: string; message: string };

export const done: Outcome = { kind: "done" };
export const again = (afterMs: number): Outcome => ({ kind: "again", afterMs });
