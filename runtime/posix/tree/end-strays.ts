import { constants } from "node:os";
import { type Clock, sleep } from "../../../lib/clock.ts";
import { StartError } from "../../runtime.ts";
import type { Containment } from "../containment/containment.ts";
import { signalMembers } from "./signal-tree.ts";

const END_WITHIN_MS = 5_000;
const ROUND_MS = 10;

/**
 * Before a start: ends what is in the group of an instance and belongs to no run that anybody knows, such as the children of a start that
 * failed. Resolves at once when there is nothing. Throws `StartError` when it can't be ended: two copies must never be (P2).
 */
export async function endStrays(
  { containment, clock }: { containment: Containment; clock: Clock },
  { uid, label }: { uid: string; label: string },
): Promise<void> {
  if (containment.members(uid).length === 0) return;
  const deadline = clock.now() + END_WITHIN_MS;
  containment.fence(uid);
  try {
    while (containment.members(uid).length > 0) {
      const { refused } = signalMembers(containment, uid, constants.signals.SIGKILL);
      if (clock.now() > deadline) {
        const pids = containment.members(uid).join(", ");
        const why = refused === undefined ? "" : `: ${refused}`;
        throw new StartError("AlreadyRunning", `${label}: processes ${pids} of an earlier start can't be ended${why}`);
      }
      await sleep(clock, ROUND_MS);
    }
  } finally {
    containment.unfence(uid);
  }
}
