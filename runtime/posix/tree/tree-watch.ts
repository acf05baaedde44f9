import { Pidfd } from "../process/pidfd.ts";
import type { ProcessThread } from "../process/process-thread.ts";
import type { Containment } from "./containment.ts";

/** More need not be watched at once: when these have ended we look again. */
const WATCHED_AT_ONCE = 64;

/**
 * Calls back when nothing of the group lives any more: at once when that is so already, else when the processes seen have ended
 * and none has come instead. Returns false in the first case. Event-driven: it waits on the pidfds of what is left.
 */
export function watchTree(
  containment: Containment,
  processes: ProcessThread,
  uid: string,
  release: (() => void)[],
  onEmpty: () => void,
): boolean {
  const held = holdMembers(containment, uid);
  if (held.length === 0) {
    onEmpty();
    return false;
  }
  let left = held.length;
  for (const pidfd of held) {
    const cancel = processes.member(pidfd, () => {
      pidfd.close();
      if (--left > 0) return;
      release.length = 0;
      watchTree(containment, processes, uid, release, onEmpty);
    });
    release.push(() => {
      cancel();
      pidfd.close();
    });
  }
  return true;
}

function holdMembers(containment: Containment, uid: string): Pidfd[] {
  const held: Pidfd[] = [];
  for (const pid of containment.members(uid)) {
    const pidfd = Pidfd.open(pid);
    if (!pidfd) continue;
    if (containment.owns(uid, pid)) held.push(pidfd);
    else pidfd.close();
    if (held.length === WATCHED_AT_ONCE) break;
  }
  return held;
}
