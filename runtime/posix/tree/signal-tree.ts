import { constants } from "node:os";
import { setImmediate } from "node:timers/promises";
import type { Containment } from "../containment/containment.ts";
import { Pidfd } from "../process/pidfd.ts";
import type { PosixWorkload } from "../workload.ts";

const { SIGCONT } = constants.signals;
/** So many take a few milliseconds. */
const IN_ONE_TURN = 128;

/** The outcome of a signal to several processes. */
export interface Delivery {
  /** How many got it. */
  reached: number;
  /** The first refusal: EPERM of a program that has changed its account, for one. */
  refused?: unknown;
}

/**
 * Asks a whole tree to stop. The main process is first, so that a shell does not go on to its next line because its child has ended; then each of the
 * others once. A running probe is left to its end. SIGCONT follows, because a stopped process sees its signal only when it goes on. False when
 * nothing lives any more; throws when something lives and nothing may be signalled.
 */
export function askTree(containment: Containment, workload: PosixWorkload, signal: number): boolean {
  const main = workload.pidfd;
  const told = addUp(main ? [sendThrough(main, signal)] : []);
  const { uid } = workload;
  const others = signalGroup(groupOf(containment, uid, containment.ownMembers(uid)), signal, main?.pid);
  const all = addUp([told, others]);
  if (all.reached === 0 && all.refused !== undefined) throw all.refused;
  return all.reached > 0;
}

/** One round over the whole tree: each member that is held and checked gets the signal. */
export function signalMembers(containment: Containment, uid: string, signal: number, except?: number): Delivery {
  return signalGroup(groupOf(containment, uid, containment.members(uid)), signal, except);
}

/** As `signalMembers`, but in turns: a tree of thousands does not keep everything else waiting (P16). */
export async function signalInTurns(
  containment: Containment,
  uid: string,
  signal: number,
  except?: number,
): Promise<Delivery> {
  const pids = containment.members(uid);
  const deliveries: Delivery[] = [];
  for (let from = 0; from < pids.length; from += IN_ONE_TURN) {
    if (from > 0) await setImmediate();
    deliveries.push(signalGroup(groupOf(containment, uid, pids.slice(from, from + IN_ONE_TURN)), signal, except));
  }
  return addUp(deliveries);
}

interface Group {
  members(): readonly number[];
  owns(pid: number): boolean;
}

const groupOf = (containment: Containment, uid: string, members: readonly number[]): Group => ({
  members: () => members,
  owns: (pid) => containment.owns(uid, pid),
});

/** A process that we may not signal keeps no other from getting the signal. */
export function signalGroup(group: Group, signal: number, except?: number): Delivery {
  const deliveries: Delivery[] = [];
  for (const pid of group.members()) if (pid !== except) deliveries.push(signalMember(group, pid, signal));
  return addUp(deliveries);
}

/** Signals through a descriptor that is held already. */
export function sendThrough(pidfd: Pidfd, signal: number): Delivery {
  try {
    if (!pidfd.signal(signal)) return { reached: 0 };
  } catch (refused) {
    return { reached: 0, refused };
  }
  if (signal !== constants.signals.SIGKILL) goOn(pidfd);
  return { reached: 1 };
}

function signalMember(group: Group, pid: number, signal: number): Delivery {
  let pidfd: Pidfd | undefined;
  try {
    pidfd = Pidfd.open(pid);
    return pidfd && group.owns(pid) ? sendThrough(pidfd, signal) : { reached: 0 };
  } catch (refused) {
    return { reached: 0, refused };
  } finally {
    pidfd?.close();
  }
}

function goOn(pidfd: Pidfd): void {
  try {
    pidfd.signal(SIGCONT);
  } catch {
    // It got the signal all the same.
  }
}

function addUp(deliveries: readonly Delivery[]): Delivery {
  const reached = deliveries.reduce((sum, delivery) => sum + delivery.reached, 0);
  const refused = deliveries.find((delivery) => delivery.refused !== undefined)?.refused;
  return { reached, ...(refused !== undefined && { refused }) };
}
