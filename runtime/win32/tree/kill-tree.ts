import { sleep } from "../../../lib/clock.ts";
import type { Win32Context } from "../context.ts";
import type { Win32Workload } from "../workload.ts";

/** The code by which a POSIX shell tells of SIGKILL; programs choose it less often by chance than 1. */
export const KILLED = 137;
/** P5: when something survives the kill so long, the kill fails. */
const KILL_WITHIN_MS = 5_000;
const ROUND_MS = 20;

/** Ends the job, and looks (`look`) until nothing of it is left. A process that was created meanwhile is ended in the next round. */
export async function killTree(context: Win32Context, workload: Win32Workload, look: () => void): Promise<void> {
  const { clock } = context;
  const deadline = clock.now() + KILL_WITHIN_MS;
  const gone = workload.treeEnded.then(() => true);
  while (workload.state.treeAlive) {
    workload.job?.terminate(KILLED);
    look();
    if (await Promise.race([gone, sleep(clock, ROUND_MS).then(() => false)])) return;
    if (clock.now() > deadline) throw new Error(survivors(workload));
  }
}

function survivors({ job, record }: Win32Workload): string {
  const pids = job?.members().join(", ");
  return `${record.label}: processes ${pids} still live ${KILL_WITHIN_MS / 1000} s after TerminateJobObject (blocked in a driver?)`;
}
