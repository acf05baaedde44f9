/** What only HTTP/2 can do, and what only its clients can do to us (RFC 9113, 10.5). */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { type ClientHttp2Stream, constants } from "node:http2";
import { after, before, describe, it } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { eventually } from "../../eventually.ts";
import { randomFrom } from "../../random.ts";
import { repeats } from "../../repeats.ts";
import { Http2Client } from "../http2-client.ts";
import { processesPath, processManifest, TestServer } from "../test-server.ts";

const watchPath = `${processesPath}?watch=1`;
let server: TestServer;
/** Has no patience, so that nobody need wait for its end. What others ask it might meet it on a busy machine. */
let impatient: TestServer;
before(async () => {
  const limits = { headersMs: 500, requestMs: 500, quietMs: 300 };
  [server, impatient] = await Promise.all([
    TestServer.start({ protocol: "h2" }),
    TestServer.start({ protocol: "h2", limits }),
  ]);
});
after(() => Promise.all([server.stop(), impatient.stop()]));

const clientOf = ({ url, certificates }: TestServer): Http2Client => {
  const { ca, admin } = certificates;
  return new Http2Client(() => url, { ca, cert: admin.cert, key: admin.key });
};

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const CONTINUATION = 9;

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Of the whole frames in what was received. */
function typesIn(bytes: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) types.push(bytes.readUInt8(at + 3));
  return types;
}

/** GET / of localhost: method and scheme from the static table of HPACK, path and authority in letters. */
const getRoot = Buffer.concat([Buffer.from([0x82, 0x87, 0x84, 0x01, 9]), Buffer.from("localhost")]);
const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
const header = (name: string, value: string): Buffer => Buffer.concat([Buffer.from([0]), text(name), text(value)]);
const getAsRoot = Buffer.concat([getRoot, header("authorization", "Bearer root-token")]);
const cancel = Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL]);

/** A connection on which nothing is answered that this test does not write itself. */
async function dial({ port, certificates }: TestServer = server): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, ca: certificates.ca, ALPNProtocols: ["h2"] });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  assert.equal(socket.alpnProtocol, "h2");
  socket.resume();
  return socket;
}

const ended = (socket: TLSSocket): Promise<unknown> =>
  socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once("close", resolve));

/** Writes until the server ends the connection; how often. */
async function flood(socket: TLSSocket, more: (n: number) => Buffer, most: number): Promise<number> {
  const end = ended(socket);
  let sent = 0;
  for (; !socket.destroyed && sent < most; sent++) {
    if (!socket.write(more(sent))) await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), end]);
    if (sent % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
  }
  if (sent < most) await end;
  return sent;
}

const stillWell = async (): Promise<void> => assert.equal((await server.ask("GET", processesPath)).code, 200);

describe("one connection of HTTP/2", () => {
  it("carries many watches and requests at once", async () => {
    const client = clientOf(server);
    const open = (method: string, path: string, body?: object): Promise<IncomingMessage> =>
      client.open(method, path, { "content-type": "application/json" }, body && JSON.stringify(body));
    const watches = await Promise.all(Array.from({ length: 20 }, () => open("GET", watchPath)));
    const events = watches.map((watch) => once(watch, "data"));
    assert.equal((await open("POST", processesPath, processManifest("seen"))).statusCode, 201);
    for (const [line] of await Promise.all(events)) assert.match(String(line), /"seen"/);
    const { session } = client;
    assert.equal(session.remoteSettings.maxConcurrentStreams, 100);
    watches[0]?.destroy();
    assert.equal((await open("GET", `${processesPath}/seen`)).statusCode, 200);
    assert.equal(client.session, session, "the connection goes on when a stream has ended");
    client.close();
  });

  it("goes on however many large answers its client gives up", async () => {
    const large = processManifest("large", {}, { annotations: { text: "x".repeat(250_000) } });
    assert.equal((await server.ask("POST", processesPath, { body: large })).code, 201);
    const client = clientOf(server);
    const { session } = client;
    for (let n = 0; n < 200; n++) {
      const answer = await client.open("GET", `${processesPath}/large`, {}, undefined);
      answer.on("error", () => {});
      const closed = once(answer, "close");
      (answer as unknown as ClientHttp2Stream).close(constants.NGHTTP2_CANCEL);
      await closed;
    }
    assert.equal((await client.open("GET", "/version", {}, undefined)).statusCode, 200);
    assert.equal(client.session, session);
    client.close();
  });

  it("tells a stranger after one answer to take another, and answers nothing more", async () => {
    const client = new Http2Client(() => server.url, { ca: server.certificates.ca });
    const { session } = client;
    await once(session, "connect");
    const goaway = once(session, "goaway");
    const asked = Array.from({ length: 5 }, () => client.open("GET", "/healthz", {}, undefined));
    const settled = await Promise.allSettled(asked);
    assert.deepEqual(
      settled.map(({ status }) => status),
      ["fulfilled", "rejected", "rejected", "rejected", "rejected"],
    );
    for (const one of settled) if (one.status === "fulfilled") one.value.resume();
    assert.equal((await goaway)[0], constants.NGHTTP2_NO_ERROR);
    await new Promise((resolve) => (session.destroyed ? resolve(0) : session.once("close", resolve)));
  });

  it("does not leave HTTP: exec needs HTTP/1.1", async () => {
    const path = "/apis/wctl.dev/v1/namespaces/default/instances/none/exec?command=true";
    const { json } = await server.ask("POST", path);
    assert.equal(json.code, 400);
  });

  it("is closed when it never asks, when it has rested, and when nobody answers on it; one with a watch goes on", async () => {
    const watching = clientOf(impatient);
    const watch = await watching.open("GET", watchPath, {}, undefined);
    let seen = "";
    watch.on("data", (line) => {
      seen += line;
    });
    const silent = await dial(impatient);
    const mute = await dial(impatient);
    mute.write(Buffer.concat([Buffer.from(PREFACE), frame(SETTINGS, 0, 0), frame(HEADERS, 0x5, 1, getRoot)]));
    const client = clientOf(impatient);
    assert.equal((await client.open("GET", "/healthz", {}, undefined)).statusCode, 200);
    const { session } = client;
    await Promise.all([ended(silent), ended(mute), once(session, "close")]);
    const later = JSON.stringify(processManifest("later"));
    await watching.open("POST", processesPath, { "content-type": "application/json" }, later);
    await eventually(() => seen.includes('"later"'), "the watch goes on");
    watching.close();
  });
});

describe("a client of HTTP/2", () => {
  it("that never finishes its body is let go of", async () => {
    const client = clientOf(impatient);
    const stream = client.session.request(
      { ":method": "POST", ":path": processesPath, "content-type": "application/json" },
      { endStream: false },
    );
    stream.write("{");
    await assert.rejects(once(stream, "close"), /NGHTTP2_INTERNAL_ERROR/);
    client.close();
    await stillWell();
  });

  it("that resets its requests as fast as it can loses its connection (rapid reset)", async () => {
    const socket = await dial();
    socket.write(Buffer.concat([Buffer.from(PREFACE), frame(SETTINGS, 0, 0)]));
    const asked = await flood(
      socket,
      (n) => Buffer.concat([frame(HEADERS, 0x5, 2 * n + 1, getAsRoot), frame(RST_STREAM, 0, 2 * n + 1, cancel)]),
      20_000,
    );
    assert.ok(asked < 5_000, `${asked} resets were taken`);
    await stillWell();
  });

  it("that sends headers without end is cut off (CONTINUATION flood)", async () => {
    const socket = await dial();
    socket.write(Buffer.concat([Buffer.from(PREFACE), frame(SETTINGS, 0, 0), frame(HEADERS, 0x1, 1, getRoot)]));
    const junk = header("x", "y".repeat(100));
    const sent = await flood(socket, () => frame(CONTINUATION, 0, 1, junk), 10_000);
    assert.ok(sent < 10_000, "taken for ever");
    await stillWell();
  });

  it("that floods pings and reads nothing is cut off, or costs nothing", async () => {
    const socket = await dial();
    socket.pause();
    socket.write(Buffer.concat([Buffer.from(PREFACE), frame(SETTINGS, 0, 0)]));
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    await flood(socket, () => frame(PING, 0, 0, Buffer.alloc(8)), 3_000);
    assert.ok(process.memoryUsage().rss - before < 50e6);
    socket.destroy();
    await stillWell();
  });

  it("gets no answer to headers above their limit, to two hosts, or to another method than HTTP has", async () => {
    const client = clientOf(server);
    const ask = (headers: Record<string, string>): Promise<IncomingMessage> =>
      client.open("GET", processesPath, headers, undefined);
    const twice = await ask({ host: "localhost" }).then(({ statusCode }) => statusCode);
    assert.equal(twice, 200);
    await assert.rejects(ask({ x: "y".repeat(20_000) }));
    client.close();
    const connecting = clientOf(server);
    const webSocket = { ":protocol": "websocket", ":scheme": "https", ":path": "/api/v1/namespaces/d/pods/x/exec" };
    for (const more of [{}, webSocket]) {
      const stream = connecting.session.request({ ":method": "CONNECT", ":authority": "localhost:80", ...more });
      stream.on("error", () => {});
      const [headers] = await once(stream, "response").catch(() => [{}]);
      assert.ok((headers[":status"] ?? 400) >= 400);
    }
    // Clients that know WebSockets over HTTP/2 (RFC 8441) ask over HTTP/1.1 where this is not offered.
    assert.notEqual(connecting.session.remoteSettings.enableConnectProtocol, true);
    connecting.close();
    await stillWell();
  });

  it("that smuggles what belongs to HTTP/1.1 is refused; a field that no HTTP can carry is as if it had not been sent", async () => {
    const leftOut: [string, Buffer][] = [
      ["a line in a value", header("x", "y\r\nhost: evil.example")],
      ["a line in a name", header("x\r\ny", "z")],
      ["a colon in a name", header("x:y", "z")],
      ["an empty name", header("", "y")],
      ["a NUL", header("host", "evil.example\0")],
    ];
    const refused: [string, Buffer][] = [
      ["a connection", header("connection", "keep-alive")],
      ["a transfer encoding", header("transfer-encoding", "chunked")],
      ["an upgrade", header("upgrade", "websocket")],
      ["a name in capitals", header("X", "y")],
      ["a second path", header(":path", "/metrics")],
      ["an unknown part of the address", header(":fz", "y")],
      ["a length that is none", header("content-length", "-1")],
      ["two lengths", Buffer.concat([header("content-length", "1"), header("content-length", "2")])],
      ["a length without a body", header("content-length", "5")],
    ];
    for (const [what, more] of [...refused, ...leftOut]) {
      const socket = await dial();
      const got: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => got.push(chunk));
      const asked = frame(HEADERS, 0x5, 1, Buffer.concat([getAsRoot, more]));
      socket.write(Buffer.concat([Buffer.from(PREFACE), frame(SETTINGS, 0, 0), asked]));
      const isAnswered = (): boolean =>
        typesIn(Buffer.concat(got)).some((type) => type === DATA || type === RST_STREAM);
      await eventually(() => socket.closed || isAnswered(), `an end of ${what}`);
      const isServed = typesIn(Buffer.concat(got)).includes(DATA);
      assert.equal(
        isServed,
        leftOut.some(([one]) => one === what),
        what,
      );
      socket.destroy();
    }
    await stillWell();
  });

  it("of any shape does no harm: frames of all kinds, lengths and streams", async () => {
    const random = randomFrom(10);
    const below = (end: number): number => Math.floor(random() * end);
    for (let round = 0; round < repeats(60); round++) {
      const socket = await dial();
      const frames = Array.from({ length: 1 + below(12) }, () => {
        const payload = random() < 0.3 ? getAsRoot : Buffer.from(Array.from({ length: below(40) }, () => below(256)));
        return frame(below(12), below(256), random() < 0.1 ? 0x80000001 : below(6), payload);
      });
      const all = Buffer.concat([Buffer.from(PREFACE), frame(SETTINGS, 0, 0), ...frames]);
      socket.end(random() < 0.2 ? all.subarray(0, below(all.length)) : all);
      await ended(socket);
    }
    await stillWell();
  });

  it("that speaks something else is let go of", async () => {
    for (const bytes of [
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "\x00".repeat(100),
      PREFACE + "\xff".repeat(100),
    ]) {
      const socket = await dial();
      socket.write(bytes, "latin1");
      await ended(socket);
    }
    await stillWell();
  });
});

describe("watches on one connection of HTTP/2", () => {
  it("give all their places back when it breaks", async () => {
    const small = await TestServer.start({ limits: { streamsPerUser: 50 } });
    const client = clientOf(small);
    await Promise.all(Array.from({ length: 50 }, () => client.open("GET", watchPath, {}, undefined)));
    const another = async (): Promise<number> => (await small.ask("GET", `${watchPath}&timeoutSeconds=1`)).code;
    assert.equal(await another(), 429);
    client.session.destroy();
    await eventually(async () => (await another()) === 200, "all places are free");
    await small.stop();
  });
});
