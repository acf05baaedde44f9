import { readdirSync } from "node:fs";
import { answering } from "../../ports/answering.ts";
import type { PortOwner } from "../../ports/port-owner.ts";
import type { Containment } from "../containment/containment.ts";
import { readUsers } from "../process/proc.ts";
import { describeProcess } from "./port-holder.ts";
import { type SocketSearch, shows } from "./socket-search.ts";
import type { SocketListener, TcpTable } from "./tcp-table.ts";

interface PortOwnersOptions {
  table: Pick<TcpTable, "at">;
  search: Pick<SocketSearch, "pidWith">;
  containment: Pick<Containment, "ownMembers" | "owns">;
  /** The instance that a process belongs to, for people: `default/web-1`. */
  labelOf: (pid: number) => string | undefined;
}

/** What a look into a tree showed of one socket. */
type Seen = "held" | "absent" | "hidden";

/**
 * Says whose a listening socket is: its number (inode) is among the descriptors of whoever has it open. What a process says of itself is not asked.
 */
export class PortOwners {
  readonly #options: PortOwnersOptions;
  /** By uid and socket: the link in /proc that showed it. As long as it still does, a look is one call. */
  readonly #links = new Map<string, Map<string, string>>();

  constructor(options: PortOwnersOptions) {
    this.#options = options;
  }

  /** See Runtime. */
  async ownerOf(uid: string, port: number, host: string): Promise<PortOwner> {
    let listeners: SocketListener[];
    try {
      listeners = answering(await this.#options.table.at(port), host);
    } catch (error) {
      return { by: "unknown", why: (error as Error).message };
    }
    if (listeners.length === 0) return { by: "nobody" };
    let hidden = false;
    for (const listener of listeners) {
      const seen = this.#look(uid, listener);
      if (seen === "held") continue;
      const other = await this.#other(uid, listener, seen);
      if (other) return other;
      hidden ||= seen === "hidden";
    }
    if (hidden) return { by: "unknown", why: "the descriptors of its processes cannot be read" };
    return { by: "own", sockets: listeners.map(({ inode }) => inode).join() };
  }

  forget(uid: string): void {
    this.#links.delete(uid);
  }

  /** Undefined: it may be of the tree after all. */
  async #other(uid: string, { inode, uid: user }: SocketListener, seen: Seen): Promise<PortOwner | undefined> {
    const { containment, labelOf, search } = this.#options;
    const pid = await search.pidWith(inode);
    if (pid === undefined) return seen === "hidden" ? undefined : { by: "other", who: `a process of uid ${user}` };
    if (containment.owns(uid, pid)) return undefined; // It was born meanwhile.
    const label = labelOf(pid);
    return { by: "other", who: `${await describeProcess(pid, user)}${label === undefined ? "" : `, of ${label}`}` };
  }

  #look(uid: string, { inode, uid: user }: SocketListener): Seen {
    const known = this.#links.get(uid)?.get(inode);
    if (known !== undefined && shows(known, inode)) return "held";
    let seen: Seen = "absent";
    for (const pid of this.#options.containment.ownMembers(uid)) {
      const link = linkTo(pid, inode);
      if (link !== undefined && link !== "hidden") {
        // Sockets of a run before are not asked for again.
        this.#links.set(uid, new Map([...(this.#links.get(uid) ?? [])].filter((old) => shows(old[1], old[0]))));
        this.#links.get(uid)?.set(inode, link);
        return "held";
      }
      // A process that hides its descriptors hides only what its own user can have made.
      if (link === "hidden" && readUsers(pid)?.includes(user)) seen = "hidden";
    }
    return seen;
  }
}

/** Where /proc shows that the process has the socket open. */
function linkTo(pid: number, inode: string): string | undefined {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder)
      .map((fd) => `${folder}/${fd}`)
      .find((link) => shows(link, inode));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES" ? "hidden" : undefined;
  }
}
