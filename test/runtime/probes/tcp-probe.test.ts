import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, it } from "node:test";
import { timedOut } from "../../../runtime/probes/probe-results.ts";
import type { ProbeResult } from "../../../runtime/probes/prober.ts";
import { TcpProbe } from "../../../runtime/probes/tcp-probe.ts";

const ask = (
  target: { host?: string; port: number },
  signal = new AbortController().signal,
  remote = false,
): Promise<ProbeResult> => new TcpProbe(target, remote).run(signal);

describe("TcpProbe", () => {
  it("is healthy when the port opens, sends nothing, and closes", async () => {
    const received: Buffer[] = [];
    const server = createServer((socket) => socket.on("data", (data) => received.push(data)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const connected = once(server, "connection");
    assert.deepEqual(await ask({ port }), { outcome: "success", message: "" });
    const [socket] = await connected;
    if (!socket.closed) await once(socket, "close");
    assert.equal(received.length, 0);
    assert.deepEqual(await ask({ host: "localhost", port }), { outcome: "success", message: "" });
    server.close();
    await once(server, "close");
    assert.deepEqual(await ask({ port }), {
      outcome: "failure",
      message: `dial tcp 127.0.0.1:${port}: connect: connection refused`,
    });
    assert.deepEqual(await ask({ host: "::1", port }), {
      outcome: "failure",
      message: `dial tcp [::1]:${port}: connect: connection refused`,
    });
    assert.match(
      (await ask({ host: "localhost", port })).message,
      /^dial tcp localhost:\d+: connect: connection refused$/,
    );
  });

  it("fails when its time is over, and rejects when it is not wanted any more", async () => {
    const unreachable = { host: "192.0.2.1", port: 9 }; // RFC 5737: answers nobody
    assert.deepEqual(await ask(unreachable, AbortSignal.abort(timedOut), true), {
      outcome: "failure",
      message: "dial tcp 192.0.2.1:9: i/o timeout",
    });
    await assert.rejects(ask(unreachable, AbortSignal.abort(), true));
  });

  it("goes to this machine only", async () => {
    await assert.rejects(ask({ host: "192.0.2.1", port: 9 }), /is not this machine/);
  });
});
