import { constants } from "./ffi/constants.ts";
import { structs } from "./ffi/structs.ts";
import type { Winapi } from "./ffi/winapi.ts";
import { systemProcesses } from "./process/system-processes.ts";

const TABLES = [
  { family: constants.AF_INET, row: structs.MIB_TCPROW_OWNER_PID },
  { family: constants.AF_INET6, row: structs.MIB_TCP6ROW_OWNER_PID },
] as const;
/** The table may grow between the two calls. */
const TRIES = 5;

/** The process that listens at a TCP port: `pid 12 (nc.exe)`. Undefined when nobody listens any more, or the system does not say (Wine tells of pid 0). */
export function portHolder(api: Winapi, port: number): string | undefined {
  const pid = TABLES.map(({ family, row }) => pidIn(tableOf(api, family), row, port)).find((one) => one !== undefined);
  if (!pid) return undefined;
  const image = systemProcesses(api).find((one) => one.pid === pid)?.image;
  return `pid ${pid}${image ? ` (${image.replace(/[^\x20-\x7e]/g, "?")})` : ""}`;
}

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

function pidIn(table: Buffer, { size, fields }: (typeof TABLES)[number]["row"], port: number): number | undefined {
  const count = table.length < 4 ? 0 : table.readUInt32LE();
  for (let at = 4; at < 4 + count * size && at + size <= table.length; at += size) {
    const isIt = table.readUInt16BE(at + fields.dwLocalPort.at) === port; // in network byte order
    if (isIt) return table.readUInt32LE(at + fields.dwOwningPid.at);
  }
  return undefined;
}
