import { readlinkSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { setImmediate as otherWork } from "node:timers/promises";
import type { Clock } from "../../../lib/clock.ts";
import { SharedReading } from "../../../lib/shared-reading.ts";

/** So many sockets are remembered at most. */
const MOST_KNOWN = 1_000;
/** So many descriptors are looked at before other work has its turn. */
const AT_ONCE = 200;

/**
 * Finds the processes that have sockets open, among all processes of the machine. Whoever keeps many ports and many descriptors must not make each
 * question a search: one search answers all who ask, and what was found is only looked at again.
 */
export class SocketSearch {
  readonly #known = new Map<string, string>();
  readonly #search: SharedReading<ReadonlyMap<string, string>>;
  #wanted = new Set<string>();

  constructor(clock: Clock) {
    this.#search = new SharedReading({
      clock,
      pause: { least: 0, most: 1_000 },
      read: () => {
        const wanted = this.#wanted;
        this.#wanted = new Set();
        return linksTo(wanted);
      },
    });
  }

  /** Undefined when no process that the daemon may look into has it open. */
  async pidWith(inode: string): Promise<number | undefined> {
    const known = this.#known.get(inode);
    if (known !== undefined && shows(known, inode)) return pidOf(known);
    this.#wanted.add(inode);
    const link = (await this.#search.next()).get(inode);
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    if (link === undefined) this.#known.delete(inode);
    else this.#known.set(inode, link);
    return link === undefined ? undefined : pidOf(link);
  }
}

/** Undefined when no process that the daemon may look into has it open. */
export async function pidWithSocket(inode: string): Promise<number | undefined> {
  const link = (await linksTo(new Set([inode]))).get(inode);
  return link === undefined ? undefined : pidOf(link);
}

/** `/proc/12/fd/3` */
const pidOf = (link: string): number => Number(link.split("/")[2]);

/** Does this link of /proc show the socket? */
export function shows(link: string, inode: string): boolean {
  return socketAt(link) === inode;
}

/** The links of /proc that show these sockets, one for each that was found. */
async function linksTo(wanted: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let looks = 0;
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const link = `/proc/${pid}/fd/${fd}`;
      const inode = socketAt(link);
      if (inode !== undefined && wanted.has(inode) && !found.has(inode)) found.set(inode, link);
      if (found.size === wanted.size) return found;
      if (++looks % AT_ONCE === 0) await otherWork();
    }
  }
  return found;
}

function socketAt(link: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1];
  } catch {
    return undefined;
  }
}
