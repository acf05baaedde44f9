import { type Clock, sleep } from "../../../lib/clock.ts";
import type { Containment } from "../containment/containment.ts";
import type { PosixWorkload } from "../workload.ts";
import { sendThrough, signalInTurns } from "./signal-tree.ts";

const SIGKILL = 9;
/** P5: when something survives the kill so long, the kill fails. */
const KILL_WITHIN_MS = 5_000;
const ROUND_MS = 10;

/** Fences the group so that nothing new starts in it, and kills what is in it, round by round, until the tree has ended. */
export async function killTree(
  { containment, clock }: { containment: Containment; clock: Clock },
  workload: PosixWorkload,
): Promise<void> {
  const { uid } = workload;
  const deadline = clock.now() + KILL_WITHIN_MS;
  const gone = workload.treeEnded.then(() => true);
  containment.fence(uid);
  try {
    while (workload.state.treeAlive) {
      const main = workload.pidfd && sendThrough(workload.pidfd, SIGKILL);
      const others = await signalInTurns(containment, uid, SIGKILL, workload.pidfd?.pid);
      if (await Promise.race([gone, sleep(clock, ROUND_MS).then(() => false)])) break;
      if (clock.now() <= deadline) continue;
      // On a busy machine the end of a tree is told later than it comes.
      const living = containment.members(uid);
      if (living.length > 0) throw survivors(workload, living, main?.refused ?? others.refused);
    }
  } finally {
    containment.unfence(uid);
  }
}

function survivors({ record }: PosixWorkload, pids: readonly number[], refused: unknown): Error {
  const why = refused === undefined ? "blocked in the kernel?" : String(refused);
  const living = `processes ${pids.join(", ")} still live ${KILL_WITHIN_MS / 1000} s after SIGKILL`;
  return new Error(`${record.label}: ${living} (${why})`, { cause: refused });
}
