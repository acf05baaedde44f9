import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, it } from "node:test";
import { listenersIn, portHolder } from "../../../runtime/posix/port-holder.ts";

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
});
