import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { describe, it } from "node:test";
import { Connections } from "../../../apiserver/http/connections.ts";
import { peerOf } from "../../../apiserver/http/peer.ts";

let lastPort = 0;

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string | undefined;
  readonly remotePort = ++lastPort;
  readonly localAddress = "10.0.0.1";
  destroyed = false;

  constructor(address: string | undefined) {
    super();
    this.remoteAddress = address;
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    queueMicrotask(() => this.emit("close"));
  }
}

function world(caps: { connections?: number; strangers?: number; connectionsPerUser?: number }) {
  const connections = new Connections({ connections: 10_000, strangers: 1000, connectionsPerUser: 1000, ...caps });
  const dial = (address: string): FakeSocket => {
    const socket = new FakeSocket(address);
    connections.add(socket as unknown as Socket);
    return socket;
  };
  return { connections, dial };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("Connections", () => {
  it("take from the peer that has most, oldest first, when strangers have enough (P17)", async () => {
    const { connections, dial } = world({ strangers: 5 });
    const quiet = dial("192.0.2.7");
    const flood = Array.from({ length: 50 }, () => dial("192.0.2.66"));
    const late = dial("192.0.2.8");
    await settle();
    assert.deepEqual([quiet.destroyed, late.destroyed], [false, false]);
    assert.deepEqual(flood.map(({ destroyed }) => destroyed).lastIndexOf(true), 46);
    assert.equal(connections.size, 5);
  });

  it("count addresses that one peer can choose among as one", () => {
    assert.equal(peerOf("2001:db8:1:2::1"), peerOf("2001:DB8:1:2:ffff:ffff:ffff:ffff"));
    assert.notEqual(peerOf("2001:db8:1:2::1"), peerOf("2001:db8:1:3::1"));
    assert.equal(peerOf("::ffff:192.0.2.1"), "192.0.2.1");
    assert.equal(peerOf("fe80::1%eth0"), peerOf("fe80::2%eth0"));
    assert.equal(peerOf("::1"), "0:0:0:0::/64");
  });

  it("of users are not strangers' any more, and come back to nobody's count when they end", async () => {
    const { connections, dial } = world({ strangers: 2, connectionsPerUser: 3 });
    for (let n = 0; n < 10; n++) {
      const socket = dial("192.0.2.1");
      connections.belongsTo(connections.of(socket)!, `user-${n}`);
      connections.belongsTo(connections.of(socket)!, `user-${n}`);
    }
    await settle();
    assert.equal(connections.size, 10);
    connections.cut();
    await settle();
    assert.equal(connections.size, 0);
    const strangers = [dial("192.0.2.1"), dial("192.0.2.1")];
    await settle();
    assert.deepEqual(
      strangers.map(({ destroyed }) => destroyed),
      [false, false],
    );
  });

  it("of one user end where nothing is being answered, longest first", async () => {
    const { connections, dial } = world({ connectionsPerUser: 2 });
    const sockets = [dial("192.0.2.1"), dial("192.0.2.1"), dial("192.0.2.1")];
    const [busy] = sockets;
    connections.of(busy!)!.inFlight.add({ lost() {} });
    for (const socket of sockets) connections.belongsTo(connections.of(socket)!, "root");
    await settle();
    assert.deepEqual(
      sockets.map(({ destroyed }) => destroyed),
      [false, true, false],
    );
  });

  it("of the user who has most end when users have all that is not for strangers, so another one gets in", async () => {
    const { connections, dial } = world({ connections: 8, strangers: 2, connectionsPerUser: 5 });
    const dialAs = (user: string, isBusy = true): FakeSocket => {
      const socket = dial("192.0.2.1");
      const connection = connections.of(socket)!;
      if (isBusy) connection.inFlight.add({ lost() {} });
      connections.belongsTo(connection, user);
      return socket;
    };
    const eves = Array.from({ length: 5 }, (_, n) => dialAs("eve", n !== 3));
    const robot = dialAs("system:serviceaccounts:a");
    const others = [dialAs("root"), dialAs("root"), dialAs("jane")];
    await settle();
    assert.deepEqual(
      [...others, robot].filter(({ destroyed }) => destroyed),
      [],
    );
    assert.deepEqual(
      eves.map(({ destroyed }) => destroyed),
      [true, true, false, true, false],
      "what is idle goes first",
    );
    assert.equal(connections.size, 6);
  });

  it("tell what was being answered of their end, and know nothing of one that has gone already", async () => {
    const { connections, dial } = world({});
    const socket = dial("192.0.2.1");
    let lost = 0;
    connections.of(socket)!.inFlight.add({ lost: () => void lost++ });
    socket.destroy();
    await settle();
    assert.deepEqual([lost, connections.of(socket)], [1, undefined]);
    const gone = new FakeSocket(undefined);
    connections.add(gone as unknown as Socket);
    assert.equal(gone.destroyed, true);
  });
});
