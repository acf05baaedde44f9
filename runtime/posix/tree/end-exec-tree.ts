import { constants } from "node:os";
import { type Clock, sleep } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { ExecTree } from "../containment/exec-tree.ts";
import { signalGroup } from "./signal-tree.ts";

const END_WITHIN_MS = 1_000;
const ROUND_MS = 10;

/** Ends what is in the tree, in most cases nothing, and removes it. What survives is logged as `warning`. */
export async function endExecTree(
  { clock, logger }: { clock: Clock; logger: Logger },
  tree: ExecTree,
  warning: string,
  about: Record<string, string>,
): Promise<void> {
  try {
    await end(clock, tree);
  } catch (error) {
    logger.warn(warning, { ...about, error: String(error) });
  }
}

/** Rejects when something survives a second. */
async function end(clock: Clock, tree: ExecTree): Promise<void> {
  const deadline = clock.now() + END_WITHIN_MS;
  for (let isFenced = false; ; isFenced = true) {
    const members = tree.members();
    if (members.length === 0 && isRemoved(tree)) return;
    if (!isFenced && members.length > 0) tree.fence();
    const { refused } = signalGroup(tree, constants.signals.SIGKILL);
    if (clock.now() > deadline) {
      const why = refused === undefined ? "" : `: ${refused}`;
      throw new Error(`what a probe or hook has started can't be ended: processes ${members.join(", ")}${why}`);
    }
    await sleep(clock, ROUND_MS);
  }
}

/** The last process may be in the group for a moment longer than it is listed there. */
function isRemoved(tree: ExecTree): boolean {
  try {
    tree.remove();
    return true;
  } catch {
    return false;
  }
}
