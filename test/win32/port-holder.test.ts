import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { basename } from "node:path";
import { describe, it } from "node:test";
import { constants as c } from "../../runtime/win32/ffi/constants.ts";
import { structs } from "../../runtime/win32/ffi/structs.ts";
import { loadWinapi } from "../../runtime/win32/ffi/winapi.ts";
import { portHolder } from "../../runtime/win32/ports/port-holder.ts";
import { portOwner } from "../../runtime/win32/ports/port-owner.ts";
import { isWindows } from "./platform.ts";
import { recordingWinapi } from "./recording-winapi.ts";

const SIX = structs.MIB_TCP6ROW_OWNER_PID;

const ANY = new Uint8Array(16);
const LOOPBACK = Uint8Array.of(...Array(10).fill(0), 255, 255, 127, 0, 0, 1);

/** As Windows fills it: a count, then rows. */
function table(rows: readonly { port: number; pid: number; address?: Uint8Array }[]): Buffer {
  const filled = Buffer.alloc(4 + rows.length * SIX.size);
  filled.writeUInt32LE(rows.length);
  for (const [index, { port, pid, address = ANY }] of rows.entries()) {
    filled.set(address, 4 + index * SIX.size);
    filled.writeUInt16BE(port, 4 + index * SIX.size + SIX.fields.dwLocalPort.at);
    filled.writeUInt32LE(pid, 4 + index * SIX.size + SIX.fields.dwOwningPid.at);
  }
  return filled;
}

/** A Windows with these listeners, whose table grows while it is read. */
const windowsWith = (answer: Buffer, grows = 2) =>
  recordingWinapi({
    GetExtendedTcpTable: (out: Buffer | null, size: Buffer, _order: number, family: number) => {
      if (family === c.AF_INET) return 50; // ERROR_NOT_SUPPORTED
      size.writeUInt32LE(answer.length);
      if (out === null || grows-- > 0) return c.ERROR_INSUFFICIENT_BUFFER;
      answer.copy(out);
      return 0;
    },
    NtQuerySystemInformation: (_class: number, info: Buffer) => {
      info.fill(0);
      return 0;
    },
  });

describe("who holds a port", () => {
  it("is asked of the tables of listeners, also of one that grows meanwhile", () => {
    const answer = table([
      { port: 80, pid: 5 },
      { port: 7443, pid: 9 },
    ]);
    const { api, of } = windowsWith(answer);
    assert.equal(portHolder(api, 7443), "pid 9");
    assert.equal(portHolder(api, 7444), undefined);
    assert.equal(of("GetExtendedTcpTable")[0]![4], c.TCP_TABLE_OWNER_PID_LISTENER);
  });

  it("is this instance when all that may answer are in its job, and a stranger when one is not", () => {
    const { api } = windowsWith(
      table([
        { port: 80, pid: 5 },
        { port: 81, pid: 5 },
        { port: 81, pid: 9, address: LOOPBACK },
        { port: 82, pid: 5, address: LOOPBACK },
        { port: 82, pid: 9, address: LOOPBACK },
        { port: 83, pid: 0 },
      ]),
      0,
    );
    const ownerOf = (port: number) =>
      portOwner(api, { port, host: "127.0.0.1" }, [4, 5], (pid) => (pid === 9 ? "default/web-1" : undefined));
    const other = { by: "other", who: "pid 9, of default/web-1" };
    assert.deepEqual(ownerOf(80), { by: "own", sockets: "5" });
    assert.deepEqual(ownerOf(81), other, "it listens at the very address, and gets the connections");
    assert.deepEqual(ownerOf(82), other, "it shares the address (SO_REUSEADDR)");
    assert.deepEqual(ownerOf(83), { by: "unknown", why: "the system does not name its process" });
    assert.deepEqual(ownerOf(84), { by: "nobody" });
  });

  it("is this process for a port it listens at", { skip: !isWindows && "needs Windows" }, async (t) => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      const holder = portHolder(loadWinapi(), port);
      if (holder === undefined) return t.skip("Wine does not tell whose a port is");
      assert.equal(holder, `pid ${process.pid} (${basename(process.execPath)})`);
    } finally {
      server.close();
    }
  });
});
