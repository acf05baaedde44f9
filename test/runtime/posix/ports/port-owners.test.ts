import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { after, describe, it } from "node:test";
import { systemClock } from "../../../../lib/clock.ts";
import { PortOwners } from "../../../../runtime/posix/ports/port-owners.ts";
import { SocketSearch } from "../../../../runtime/posix/ports/socket-search.ts";
import { listenersOf, TcpTable } from "../../../../runtime/posix/ports/tcp-table.ts";

/** Who is in the tree of each uid. */
const ownersWith = (
  trees: Record<string, number[]>,
  table: Pick<TcpTable, "at"> = new TcpTable(systemClock),
): PortOwners =>
  new PortOwners({
    table,
    search: new SocketSearch(systemClock),
    containment: {
      ownMembers: (uid) => trees[uid] ?? [],
      owns: (uid, pid) => trees[uid]?.includes(pid) ?? false,
    },
    labelOf: (pid) => (pid === process.pid ? "default/tests-0" : undefined),
  });

describe("whose a port is", () => {
  // The system's clock keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  after(() => clearInterval(alive));

  for (const host of ["127.0.0.1", "::1", "0.0.0.0", "::"]) {
    it(`is seen in the descriptors of the tree, for one that listens at ${host}`, async () => {
      const server = createServer().listen(0, host);
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const asked = host === "::1" ? "::1" : "127.0.0.1";
      const owners = ownersWith({ mine: [process.pid], other: [1] });
      const first = await owners.ownerOf("mine", port, asked);
      assert.equal(first.by, "own");
      assert.deepEqual(await owners.ownerOf("mine", port, asked), first, "the same sockets");
      assert.deepEqual(await owners.ownerOf("other", port, asked), {
        by: "other",
        who: `pid ${process.pid} (${process.execPath}) of uid ${process.getuid?.()}, of default/tests-0`,
      });
      server.close();
      await once(server, "close");
      assert.deepEqual(await owners.ownerOf("mine", port, asked), { by: "nobody" });
    });
  }

  it("is the tree's when a child has inherited the socket", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { _handle: handle } = server as unknown as { _handle: { fd: number } };
    const child = spawn("/bin/sleep", ["1000"], { stdio: ["ignore", "ignore", "ignore", handle.fd] });
    await once(child, "spawn");
    const owners = ownersWith({ mine: [child.pid!] });
    assert.equal((await owners.ownerOf("mine", port, "127.0.0.1")).by, "own");
    server.close();
    child.kill("SIGKILL");
    await once(child, "exit");
  });

  it("is searched once for a stranger, however often it is asked, and anew when he has gone", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { _handle: handle } = server as unknown as { _handle: { fd: number } };
    const keeps = () => spawn("/bin/sleep", ["1000"], { stdio: ["ignore", "ignore", "ignore", handle.fd] });
    const [first, second] = [keeps(), keeps()];
    await Promise.all([once(first, "spawn"), once(second, "spawn")]);
    server.close();
    await once(server, "close");
    const owners = ownersWith({});
    const who = async (): Promise<string> => {
      const owner = await owners.ownerOf("mine", port, "127.0.0.1");
      return owner.by === "other" ? owner.who : owner.by;
    };
    const told = await who();
    assert.match(told, /^pid \d+ /);
    assert.equal(await who(), told);
    const [gone, left] = told.includes(String(first.pid)) ? [first, second] : [second, first];
    gone.kill("SIGKILL");
    await once(gone, "exit");
    assert.match(await who(), new RegExp(`^pid ${left.pid} `));
    left.kill("SIGKILL");
    await once(left, "exit");
    assert.equal(await who(), "nobody");
  });

  it("is somebody else's, when the socket is of a user that nothing in the tree has", async () => {
    const at = async () => [{ address: "127.0.0.1", uid: 4_000_000, inode: "no such socket" }];
    const owner = await ownersWith({ mine: [process.pid] }, { at }).ownerOf("mine", 80, "127.0.0.1");
    assert.deepEqual(owner, { by: "other", who: "a process of uid 4000000" });
  });

  it("is unknown where the system shows no table", async () => {
    const at = (): Promise<never> => Promise.reject(new Error("no table"));
    const owner = await ownersWith({}, { at }).ownerOf("mine", 80, "127.0.0.1");
    assert.deepEqual(owner, { by: "unknown", why: "no table" });
  });

  it("is read from the rows that listen", () => {
    const table = [
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
      "   0: 0100007F:1D13 0100007F:A000 01 00000000:00000000 00:00000000 00000000  1000        0 11 1 0 20 4 30 10 -1",
      "   1: 0100007F:1D13 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1002        0 33 1 0 20 4 30 10 -1",
      "   2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 44 1 0 20 4 30 10 -1",
      "",
    ].join("\n");
    assert.deepEqual(listenersOf(table), [
      { address: "127.0.0.1", port: 7443, uid: 1002, inode: "33" },
      { address: "::1", port: 80, uid: 0, inode: "44" },
    ]);
  });
});
