import { readFile, readlink } from "node:fs/promises";
import { pidWithSocket } from "./socket-search.ts";

const LISTEN = "0A";

/** What a line of `/proc/net/tcp` tells. */
interface Listener {
  uid: number;
  inode: string;
}

/** What the system shows of sockets, each time it is asked. */
export interface Sockets {
  listeners(port: number): Promise<Listener[]>;
  pidOf(inode: string): Promise<number | undefined>;
}

const TRIES = 5;

/**
 * The process that listens at a TCP port: `pid 12 (/usr/bin/nc) of uid 1000`; only the uid when the daemon may not look into the process. Undefined when
 * nobody listens any more.
 */
export async function portHolder(port: number, sockets: Sockets = procSockets): Promise<string | undefined> {
  let [found] = await sockets.listeners(port);
  for (let tries = 1; found; tries++) {
    const pid = await sockets.pidOf(found.inode);
    if (pid !== undefined) return describeProcess(pid, found.uid);
    // The search takes a while. Nobody may listen any more, or somebody else.
    const now = await sockets.listeners(port);
    const { inode, uid } = found;
    if (now.some((listener) => listener.inode === inode)) return `a process of uid ${uid}`;
    found = tries < TRIES ? now[0] : undefined;
  }
  return undefined;
}

/** `pid 12 (/usr/bin/nc) of uid 1000` */
export const describeProcess = async (pid: number, uid: number): Promise<string> =>
  `pid ${pid}${await imageOf(pid)} of uid ${uid}`;

async function imageOf(pid: number): Promise<string> {
  const image = await readlink(`/proc/${pid}/exe`).catch(() => undefined);
  return image === undefined ? "" : ` (${printable(image)})`;
}

const procSockets: Sockets = {
  async listeners(port) {
    const tables = ["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => ""));
    return (await Promise.all(tables)).flatMap((table) => listenersIn(table, port));
  },
  pidOf: pidWithSocket,
};

/** Pure. The columns: slot, local address, remote address, state, queues, timer, retransmits, uid, timeout, inode (proc_net_tcp). */
export function listenersIn(table: string, port: number): Listener[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === LISTEN && columns[1]?.endsWith(`:${hex}`))
    .map((columns) => ({ uid: Number(columns[7]), inode: columns[9] ?? "" }));
}

/** Makes a name safe to show: others choose the names of their files. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
