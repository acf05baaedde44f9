import type { Containment } from "../containment/containment.ts";
import type { PosixContext } from "../context.ts";
import { Pidfd } from "../process/pidfd.ts";

/** So many processes are watched at first. When these have ended we look again and watch twice as many, so that a big tree costs few looks. */
const FIRST_WATCHED = 64;
const MOST_WATCHED = 1024;
/** Used when there is no descriptor or no watch left: then all we can do is look again and again. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Calls back when nothing of the group lives any more: at once when that is so already (then returns false), else when the processes that it saw have
 * ended and no others have come. It does not poll: it waits on the pidfds of what is left.
 */
export function watchTree(
  context: Pick<PosixContext, "clock" | "containment" | "processes">,
  uid: string,
  release: (() => void)[],
  onEmpty: () => void,
  most = FIRST_WATCHED,
): boolean {
  const again = (next: number): void => {
    release.length = 0;
    watchTree(context, uid, release, onEmpty, next);
  };
  const held: Pidfd[] = [];
  try {
    holdMembers(context.containment, uid, most, held);
    let left = held.length;
    for (const pidfd of held) {
      const cancel = context.processes.member(pidfd, () => {
        pidfd.close();
        if (--left === 0) again(Math.min(most * 2, MOST_WATCHED));
      });
      release.push(cancel);
    }
    for (const pidfd of held) release.push(() => pidfd.close());
  } catch {
    for (const cancel of release.splice(0)) cancel();
    for (const pidfd of held) pidfd.close();
    const timer = context.clock.after(LOOK_AGAIN_MS, () => again(FIRST_WATCHED));
    release.push(() => timer.cancel());
    return true;
  }
  if (held.length === 0) onEmpty();
  return held.length > 0;
}

function holdMembers(containment: Containment, uid: string, most: number, held: Pidfd[]): void {
  for (const pid of containment.members(uid)) {
    const pidfd = Pidfd.open(pid);
    if (!pidfd) continue;
    held.push(pidfd);
    if (!containment.owns(uid, pid)) held.pop()?.close();
    if (held.length === most) break;
  }
}
