import assert from "node:assert/strict";
import { once } from "node:events";
import { type PassThrough, Readable } from "node:stream";
import { after, before, beforeEach, describe, it } from "node:test";
import { badRequest } from "../../../api/errors.ts";
import { channels, FIRST_CREDIT } from "../../../api/exec/exec-connection.ts";
import type { ExecRequest } from "../../../api/exec/exec-session.ts";
import { PodsView } from "../../../apiserver/views/pods/pods.ts";
import { closeCodes, LONGEST_MESSAGE, opcodes } from "../../../apiserver/websocket/frames.ts";
import { systemClock } from "../../../lib/clock.ts";
import { eventually } from "../../eventually.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { FakeSession } from "../fake-session.ts";
import { instance } from "../fixtures.ts";
import { TestServer } from "../test-server.ts";
import { masked, WebSocketClient } from "./websocket-client.ts";

const path = "/api/v1/namespaces/default/pods/web-0/exec";
const all = "container=main&stdin=true&stdout=true&stderr=true";

describe("exec over a WebSocket", () => {
  let server: TestServer;
  let session: FakeSession;
  let asked: { request: ExecRequest; user: string } | undefined;
  let refusal: Error | undefined;
  before(async () => {
    server = await TestServer.start({
      views: (registry) => [new PodsView(registry, systemClock)],
      exec: {
        async open(_object, request, user) {
          asked = { request, user: user.name };
          if (refusal) throw refusal;
          return session;
        },
      },
    });
    const body = instance("web-0");
    assert.equal((await server.ask("POST", "/apis/wctl.dev/v1/namespaces/default/instances", { body })).code, 201);
  });
  beforeEach(() => {
    session = new FakeSession();
    [asked, refusal] = [undefined, undefined];
  });
  after(() => server.stop());

  const open = async (query = `command=cat&${all}`, headers = {}): Promise<WebSocketClient> => {
    const client = await WebSocketClient.open(server, `${path}?${query}`, headers);
    assert.ok(client instanceof WebSocketClient, JSON.stringify(client));
    return client;
  };
  const refused = async (query: string, headers = {}): Promise<string> => {
    const answer = await WebSocketClient.open(server, `${path}?${query}`, headers);
    assert.ok(!(answer instanceof WebSocketClient), "it was opened");
    assert.equal(answer.code, 400);
    assert.equal(asked, undefined, "nothing was begun");
    return answer.message;
  };

  it("carries input, both outputs, sizes and the outcome, as kubectl speaks it", async () => {
    const client = await open("command=sh&command=-c&command=x&container=main&stdin=true&stdout=true&tty=true");
    assert.equal(client.protocol, "v5.channel.k8s.io");
    const terminal = { columns: 80, rows: 24, name: "xterm" };
    assert.deepEqual(asked, { user: "wctl-admin", request: { command: ["sh", "-c", "x"], stdin: true, terminal } });
    client.send(channels.resize, '{"Width":0,"Height":0}');
    client.send(channels.resize, '{"Width":20,"Height":6}');
    client.socket.write(masked(opcodes.binary, Buffer.from([channels.stdin, 116]), { isLast: false }));
    client.socket.write(masked(opcodes.continuation, Buffer.from("yped")));
    client.send(channels.close, Buffer.of(channels.stdin));
    await once(session.stdin, "finish");
    assert.equal(Buffer.concat(session.read).toString(), "typed");
    assert.deepEqual(session.sizes, [{ columns: 20, rows: 6 }]);
    (session.stdout as PassThrough).write("out");
    session.exit({ code: 3 });
    await eventually(() => client.isOver, "the server has ended the connection");
    assert.equal(client.on(channels.stdout), "out");
    const outcome = JSON.parse(client.on(channels.outcome));
    assert.deepEqual(
      [outcome.status, outcome.reason, outcome.details.causes],
      ["Failure", "NonZeroExitCode", [{ reason: "ExitCode", message: "3" }]],
    );
    assert.equal(client.on(channels.credit), "", "clients know no such channel");
    const last = client.heard.at(-1);
    assert.deepEqual([last?.opcode, last?.data.readUInt16BE()], [opcodes.close, closeCodes.normal]);
    assert.equal(session.closed, 1);
  });

  it("sends only what the client wants to hear, and takes the older protocol", async () => {
    const client = await open("command=x&stdin=False&stdout=False&stderr=True", {
      "sec-websocket-protocol": "channel.k8s.io, v4.channel.k8s.io",
    });
    assert.equal(client.protocol, "v4.channel.k8s.io");
    assert.equal(asked?.request.stdin, false);
    (session.stdout as PassThrough).write("out");
    session.stderr.write("err");
    session.exit({ code: 0 });
    await eventually(() => client.isOver, "the server has ended the connection");
    assert.deepEqual([client.on(channels.stdout), client.on(channels.stderr)], ["", "err"]);
    assert.equal(JSON.parse(client.on(channels.outcome)).status, "Success");
  });

  it("takes input at the pace of the command, however much comes, and hears pings meanwhile", async () => {
    session.isDeaf = true;
    const client = await open();
    const sent = Buffer.alloc(FIRST_CREDIT * 2, 1);
    client.send(channels.stdin, sent);
    client.socket.write(masked(opcodes.ping, Buffer.from("there?")));
    const taken = (): number => session.read.reduce((sum, { length }) => sum + length, 0);
    await eventually(() => client.heard.some(({ opcode }) => opcode === opcodes.pong), "a ping is answered");
    assert.equal(client.heard.find(({ opcode }) => opcode === opcodes.pong)?.data.toString(), "there?");
    assert.ok(taken() <= FIRST_CREDIT, `${taken()} bytes were taken`);
    assert.equal(session.closed, 0);
    client.socket.destroy();
    await eventually(() => session.closed === 1, "the command ends with its client");
  });

  it("gives the command all of a long input, whole and in order", async () => {
    const client = await open();
    const pieces = Array.from({ length: 40 }, (_, nth) => Buffer.alloc(32 * 1024, nth));
    for (const piece of pieces) if (!client.send(channels.stdin, piece)) await once(client.socket, "drain");
    client.send(channels.close, Buffer.of(channels.stdin));
    await once(session.stdin, "finish");
    assert.ok(Buffer.concat(session.read).equals(Buffer.concat(pieces)));
    session.exit({ code: 0 });
    await eventually(() => client.isOver, "the server has ended the connection");
  });

  it("stops reading a client that floods a deaf command", async () => {
    session.isDeaf = true;
    const client = await open();
    const piece = Buffer.alloc(512 * 1024);
    let [sent, before] = [0, -1];
    await eventually(() => {
      const isHeldUp = client.socket.writableLength > 0 && sent === before;
      before = sent;
      if (client.socket.writableLength === 0) {
        client.send(channels.stdin, piece);
        sent += piece.length;
      }
      return isHeldUp;
    }, "the flood waits in the connection");
    assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken in`);
    client.socket.destroy();
    await eventually(() => session.closed === 1, "the command ends with its client");
  });

  it("waits with the output for its reader, and ends the command when that goes", async () => {
    const endless = new Readable({
      highWaterMark: 64 * 1024,
      read() {
        session.printed += 64 * 1024;
        this.push(Buffer.alloc(64 * 1024));
      },
    });
    session = new FakeSession(endless);
    const client = await open();
    client.socket.pause();
    let printed = -1;
    await eventually(() => {
      const isStill = session.printed === printed;
      printed = session.printed;
      return isStill;
    }, "the output waits for its reader");
    client.socket.destroy();
    await eventually(() => session.closed === 1, "the session is closed");
  });

  for (const [says, act] of [
    ["closes", (client: WebSocketClient) => client.socket.write(masked(opcodes.close, Buffer.from([3, 232])))],
    ["ends the connection", (client: WebSocketClient) => client.socket.end()],
    ["breaks the protocol", (client: WebSocketClient) => client.socket.write(Buffer.from([0x82, 1, 0]))],
    ["names no channel", (client: WebSocketClient) => client.socket.write(masked(opcodes.binary, Buffer.alloc(0)))],
    ["speaks on a channel of the server", (client: WebSocketClient) => client.send(channels.stdout, "x")],
  ] as const) {
    it(`ends the command when the client ${says}`, async () => {
      const client = await open();
      act(client);
      await eventually(() => session.closed === 1, "the session is closed");
      await eventually(() => client.isOver, "the connection is over");
    });
  }

  for (const [says, bytes, code] of [
    ["closes", masked(opcodes.close, Buffer.from([3, 233])), 1001],
    ["closes with a code that there is not", masked(opcodes.close, Buffer.from([0, 7])), closeCodes.protocolError],
    ["closes with half a character", masked(opcodes.close, Buffer.from([3, 232, 0xe2, 0x82])), closeCodes.notText],
    ["sends a long control frame", masked(opcodes.ping, Buffer.alloc(126)), closeCodes.protocolError],
    ["sends a frame without a mask", Buffer.from([0x82, 1, 0]), closeCodes.protocolError],
    [
      "announces too much",
      masked(opcodes.binary, Buffer.alloc(LONGEST_MESSAGE + 1)).subarray(0, 14),
      closeCodes.tooBig,
    ],
  ] as const) {
    it(`answers with the code ${code} when the client ${says}`, async () => {
      const client = await open();
      client.socket.write(bytes);
      await eventually(() => client.isOver, "the connection is over");
      const last = client.heard.at(-1);
      assert.deepEqual([last?.opcode, last?.data.readUInt16BE()], [opcodes.close, code]);
      assert.equal(session.closed, 1);
    });
  }

  it("hears a flood of sizes without waiting for it, also while the command takes no input", async () => {
    session.isDeaf = true;
    const client = await open("command=sh&stdin=true&stdout=true&tty=true");
    client.send(channels.stdin, Buffer.alloc(FIRST_CREDIT * 2));
    for (let columns = 1; columns <= 5_000; columns++)
      client.send(channels.resize, JSON.stringify({ Width: columns, Height: 1 }));
    await eventually(
      () => session.sizes.some((size) => "columns" in size && size.columns === 5_000),
      "the last one came",
    );
    client.socket.destroy();
    await eventually(() => session.closed === 1, "the command ends with its client");
  });

  it("tells what is wrong over HTTP, before anything begins", async () => {
    assert.match(await refused(`container=side&command=x&${all}`), /^container side is not valid for pod web-0$/);
    assert.match(await refused("command=x&container=main"), /at least 1 of stdin, stdout, stderr/);
    assert.match(await refused("command=x&stderr=true&tty=true"), /tty and stderr cannot both be true/);
    assert.match(await refused(all), /at least one command/);
    assert.match(await refused(`command=x&${all}&user=root`), /no query parameter "user"/);
    assert.match(await refused(`command=x&${all}`, { "sec-websocket-protocol": "chat" }), /must offer one of/);
    assert.match(await refused(`command=x&${all}`, { "sec-websocket-version": "8" }), /Sec-WebSocket-Version: 13/);
    refusal = badRequest("it does not run");
    const answer = await WebSocketClient.open(server, `${path}?command=x&${all}`);
    assert.deepEqual(answer, { code: 400, message: "it does not run" });
  });

  for (const [says, speak, isHeard] of [
    ["has had its time", () => {}, false],
    ["speaks", (client: WebSocketClient) => client.send(channels.resize, '{"Width":20,"Height":6}'), true],
  ] as const) {
    it(`tells a client nothing before it ${says}: some drop what comes before they listen`, async () => {
      const clock = new FakeClock(new Date());
      const other = await TestServer.start({
        clock,
        views: (registry) => [new PodsView(registry, clock)],
        exec: { open: async () => session },
      });
      try {
        await other.ask("POST", "/apis/wctl.dev/v1/namespaces/default/instances", { body: instance("web-0") });
        const client = await WebSocketClient.open(other, `${path}?command=x&${all}`);
        assert.ok(client instanceof WebSocketClient);
        (session.stdout as PassThrough).write("out");
        session.exit({ code: 0 });
        client.socket.write(masked(opcodes.ping, Buffer.from("there?")));
        await eventually(() => client.heard.length > 0, "the server has heard a ping");
        assert.deepEqual([client.heard[0]?.opcode, client.heard.length], [opcodes.pong, 1]);
        speak(client);
        if (!isHeard) await clock.advanceAsync(50);
        await eventually(() => client.isOver, "the session is over");
        assert.deepEqual(
          [client.on(channels.stdout), JSON.parse(client.on(channels.outcome)).status],
          ["out", "Success"],
        );
      } finally {
        await other.stop();
      }
    });
  }

  it("ends within ten seconds when the right to it is taken away, as watches and followed logs do; its client is told", async () => {
    const clock = new FakeClock(new Date());
    let may = true;
    const other = await TestServer.start({
      clock,
      views: (registry) => [new PodsView(registry, clock)],
      authorizer: { rulesOf: () => [], allows: () => may },
      exec: { open: async () => session },
      logs: {
        async *open(_copy, _options, signal) {
          yield Buffer.from("said\n");
          await once(signal, "abort");
        },
      },
    });
    try {
      const body = instance("web-0");
      await other.ask("POST", "/apis/wctl.dev/v1/namespaces/default/instances", { body });
      const client = await WebSocketClient.open(other, `${path}?command=x&${all}`);
      assert.ok(client instanceof WebSocketClient);
      const streams = await Promise.all([
        other.open("GET", "/api/v1/pods?watch=1"),
        other.open("GET", "/api/v1/namespaces/default/pods/web-0/log?follow=true"),
      ]);
      await clock.advanceAsync(10_000);
      assert.equal(client.isOver, false);
      may = false;
      await clock.advanceAsync(10_000);
      for (const stream of streams) for await (const _ of stream); // To its end.
      await eventually(() => client.isOver, "the session is over");
      const { code, message } = JSON.parse(client.on(channels.outcome));
      assert.deepEqual([code, /^pods "web-0" is forbidden: /.test(message)], [403, true]);
      assert.equal(session.closed, 1);
    } finally {
      await other.stop();
    }
  });

  it("ends as soon when the account of the program is taken away: the right to commands alone is not enough to go on", async () => {
    const clock = new FakeClock(new Date());
    let mayUse = true;
    const other = await TestServer.start({
      clock,
      views: (registry) => [new PodsView(registry, clock)],
      authorizer: { rulesOf: () => [], allows: (_user, { verb }) => mayUse || verb !== "use" },
      exec: { open: async () => session },
    });
    try {
      await other.ask("POST", "/apis/wctl.dev/v1/namespaces/default/instances", { body: instance("web-0") });
      const client = await WebSocketClient.open(other, `${path}?command=x&${all}`);
      assert.ok(client instanceof WebSocketClient);
      await clock.advanceAsync(10_000);
      assert.equal(client.isOver, false);
      mayUse = false;
      await clock.advanceAsync(10_000);
      await eventually(() => client.isOver, "the session is over");
      assert.match(
        JSON.parse(client.on(channels.outcome)).message,
        /^pods "web-0" is forbidden: .* cannot use resource "accounts"/,
      );
    } finally {
      await other.stop();
    }
  });

  it("ends with the daemon, and its client is told", async () => {
    const other = await TestServer.start({
      views: (registry) => [new PodsView(registry, systemClock)],
      exec: { open: async () => session },
    });
    await other.ask("POST", "/apis/wctl.dev/v1/namespaces/default/instances", { body: instance("web-0") });
    const client = await WebSocketClient.open(other, `${path}?command=x&${all}`);
    assert.ok(client instanceof WebSocketClient);
    await other.stop();
    assert.equal(JSON.parse(client.on(channels.outcome)).message, "the daemon is stopping");
    assert.equal(session.closed, 1);
  });

  it("is for who may create it: to read is not enough", async () => {
    const seen: string[] = [];
    const other = await TestServer.start({
      views: (registry) => [new PodsView(registry, systemClock)],
      authorizer: {
        rulesOf: () => [],
        allows: (_user, attributes) => {
          seen.push(attributes.verb);
          return attributes.verb === "get";
        },
      },
    });
    try {
      const answer = await WebSocketClient.open(other, `${path}?command=x&${all}`);
      assert.ok(!(answer instanceof WebSocketClient));
      assert.equal(answer.code, 403);
      assert.match(answer.message, /cannot create resource "pods\/exec"/);
      assert.deepEqual(seen, ["create"]);
    } finally {
      await other.stop();
    }
  });
});
