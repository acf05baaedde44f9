import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { describe, it } from "node:test";
import { listenersIn, portHolder, type Sockets } from "../../../../runtime/posix/ports/port-holder.ts";

describe("who holds a port", () => {
  for (const host of ["127.0.0.1", "::1", "0.0.0.0"]) {
    it(`is found by the system's own table, listening at ${host}`, async () => {
      const server = createServer().listen(0, host);
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      assert.equal(await portHolder(port), `pid ${process.pid} (${process.execPath}) of uid ${process.getuid?.()}`);
      server.close();
      await once(server, "close");
      assert.equal(await portHolder(port), undefined);
    });
  }

  it("is who listens there, not who is connected", () => {
    const table = [
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
      "   0: 0100007F:1D13 0100007F:A000 01 00000000:00000000 00:00000000 00000000  1000        0 11 1 0 20 4 30 10 -1",
      "   1: 0100007F:A000 0100007F:1D13 0A 00000000:00000000 00:00000000 00000000  1001        0 22 1 0 20 4 30 10 -1",
      "   2: 00000000:1D13 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1002        0 33 1 0 20 4 30 10 -1",
      "",
    ].join("\n");
    assert.deepEqual(listenersIn(table, 7443), [{ uid: 1002, inode: "33" }]);
  });

  /** Each look at the listeners sees the next of these. */
  const seen = (...looks: string[]): Sockets => ({
    listeners: async () => looks.splice(0, 1).map((inode) => ({ uid: 1000, inode })),
    pidOf: async () => undefined,
  });

  it("is a process of that user, when we may not look into it", async () => {
    assert.equal(await portHolder(7443, seen("11", "11")), "a process of uid 1000");
  });

  it("is nobody, when it has let the port go while we looked for its process", async () => {
    assert.equal(await portHolder(7443, seen("11")), undefined);
  });

  it("is who took the port from the one that was seen first", async () => {
    assert.equal(await portHolder(7443, seen("11", "22", "22")), "a process of uid 1000");
    const pidOf = async (inode: string): Promise<number | undefined> => (inode === "22" ? process.pid : undefined);
    const holder = await portHolder(7443, { ...seen("11", "22"), pidOf });
    assert.equal(holder, `pid ${process.pid} (${process.execPath}) of uid 1000`);
  });

  it("is nobody, when each look finds another", async () => {
    assert.equal(await portHolder(7443, seen(..."123456789")), undefined);
  });

  it("is nobody for a port that waits for the last packets of a connection", async () => {
    const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const client = connect(port, "127.0.0.1").resume();
    await once(client, "close");
    server.close();
    await once(server, "close");
    const table = await readFile("/proc/net/tcp", "utf8");
    const waits = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, "0")} \\S+ 06 `);
    assert.match(table, waits, "the port is in TIME_WAIT");
    assert.equal(await portHolder(port), undefined);
  });
});
