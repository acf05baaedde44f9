import { addressOf, type Listener } from "../../ports/answering.ts";
import { constants } from "../ffi/constants.ts";
import { structs } from "../ffi/structs.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { systemProcesses } from "../process/system-processes.ts";

const { MIB_TCPROW_OWNER_PID: FOUR, MIB_TCP6ROW_OWNER_PID: SIX } = structs;
/** The sixteen bytes of ucLocalAddr begin the row of IPv6. */
const TABLES = [
  { family: constants.AF_INET, row: FOUR, address: { at: FOUR.fields.dwLocalAddr.at, length: 4 } },
  { family: constants.AF_INET6, row: SIX, address: { at: 0, length: 16 } },
] as const;
/** The table may grow between the two calls. */
const TRIES = 5;

export interface PortListener extends Listener {
  /** 0: the system does not tell (Wine). */
  pid: number;
}

/** The process that listens at a TCP port: `pid 12 (nc.exe)`. Undefined when nobody listens any more, or the system does not say (Wine tells of pid 0). */
export function portHolder(api: Winapi, port: number): string | undefined {
  const pid = listenersAt(api, port)[0]?.pid;
  return pid ? describeProcess(api, pid) : undefined;
}

/** `pid 12 (nc.exe)` */
export function describeProcess(api: Winapi, pid: number): string {
  const image = systemProcesses(api).find((one) => one.pid === pid)?.image;
  return `pid ${pid}${image ? ` (${image.replace(/[^\x20-\x7e]/g, "?")})` : ""}`;
}

/** What listens at a TCP port of this machine. */
export const listenersAt = (api: Winapi, port: number): PortListener[] =>
  TABLES.flatMap((kind) => listenersIn(tableOf(api, kind.family), kind, port));

/** A count, then rows (GetExtendedTcpTable, TCP_TABLE_OWNER_PID_LISTENER). */
function tableOf(api: Winapi, family: number): Buffer {
  const size = Buffer.alloc(4);
  for (let tries = 0; tries < TRIES; tries++) {
    const table = Buffer.alloc(size.readUInt32LE());
    const memory = table.length === 0 ? null : table;
    const error = api.GetExtendedTcpTable(memory, size, 0, family, constants.TCP_TABLE_OWNER_PID_LISTENER, 0);
    if (error === 0) return table;
    if (error !== constants.ERROR_INSUFFICIENT_BUFFER) break;
  }
  return Buffer.alloc(4);
}

function listenersIn(table: Buffer, { row: { size, fields }, address }: (typeof TABLES)[number], port: number) {
  const found: PortListener[] = [];
  const count = table.length < 4 ? 0 : table.readUInt32LE();
  for (let at = 4; at < 4 + count * size && at + size <= table.length; at += size) {
    if (table.readUInt16BE(at + fields.dwLocalPort.at) !== port) continue; // in network byte order, as the address
    const bytes = table.subarray(at + address.at, at + address.at + address.length);
    found.push({ address: addressOf(bytes), pid: table.readUInt32LE(at + fields.dwOwningPid.at) });
  }
  return found;
}
