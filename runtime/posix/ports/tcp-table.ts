import { readFile } from "node:fs/promises";
import type { Clock } from "../../../lib/clock.ts";
import { SharedReading } from "../../../lib/shared-reading.ts";
import { addressOf, type Listener } from "../../ports/answering.ts";

export interface SocketListener extends Listener {
  /** Of whoever made the socket. */
  uid: number;
  inode: string;
}

/** What listens at the TCP ports of this machine. On a machine with many connections a reading is long. */
export class TcpTable {
  readonly #reading: SharedReading<Map<number, SocketListener[]>>;

  constructor(clock: Clock) {
    this.#reading = new SharedReading({ clock, read: readTable, pause: { least: 20, most: 250 } });
  }

  /** Rejects when the system does not show its table. */
  async at(port: number): Promise<SocketListener[]> {
    return (await this.#reading.next()).get(port) ?? [];
  }
}

async function readTable(): Promise<Map<number, SocketListener[]>> {
  const [four, six] = await Promise.all([
    readFile("/proc/net/tcp", "latin1"),
    readFile("/proc/net/tcp6", "latin1").catch(() => ""), // There may be no IPv6.
  ]);
  const byPort = new Map<number, SocketListener[]>();
  for (const { port, ...listener } of [...listenersOf(four), ...listenersOf(six)]) {
    const known = byPort.get(port);
    if (known) known.push(listener);
    else byPort.set(port, [listener]);
  }
  return byPort;
}

/** The columns: slot, local address, remote address, state (0A: it listens), queues, timer, retransmits, uid, timeout, inode (proc_net_tcp). */
const LISTENS = /^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F:]+ 0A \S+ \S+ \S+ +(\d+) +\d+ (\d+) /gm;

/** Pure. */
export const listenersOf = (table: string): (SocketListener & { port: number })[] =>
  Array.from(table.matchAll(LISTENS), ([, address = "", port = "", uid, inode = ""]) => ({
    address: addressOf(bytesOf(address)),
    port: Number.parseInt(port, 16),
    uid: Number(uid),
    inode,
  }));

/** Each four bytes are a number in the order of this machine, which is little-endian wherever Node runs. */
function bytesOf(hex: string): Uint8Array {
  const bytes = Buffer.from(hex, "hex");
  return bytes.swap32();
}
