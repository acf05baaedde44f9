import assert from "node:assert/strict";
import { type Duplex, duplexPair } from "node:stream";
import { after, before, beforeEach, describe, it } from "node:test";
import { forbidden } from "../../../../api/errors.ts";
import { instances, type Resource } from "../../../../api/scheme.ts";
import { PortForwardConnection } from "../../../../apiserver/exec/port-forward/port-forward-connection.ts";
import { controlFrame, types } from "../../../../apiserver/exec/spdy/frames.ts";
import { PodsView } from "../../../../apiserver/views/pods/pods.ts";
import { opcodes } from "../../../../apiserver/websocket/frames.ts";
import { eventually } from "../../../eventually.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";
import { instance } from "../../fixtures.ts";
import { TestServer } from "../../test-server.ts";
import { HeaderWriter, SpdyClient, synStream } from "../spdy/spdy-client.ts";
import { masked, WebSocketClient } from "../websocket-client.ts";

const path = "/api/v1/namespaces/default/pods/web-0/portforward";
const spdy = { "x-stream-protocol-version": "portforward.k8s.io" };
const tunnelled = { "sec-websocket-protocol": "SPDY/3.1+portforward.k8s.io" };

interface Port {
  socket: Duplex;
  heard: () => string;
  /** The client has ended its side. */
  ended: () => boolean;
  /** The connection is no more. */
  gone: () => boolean;
}

describe("port-forward", () => {
  const clock = new FakeClock(new Date());
  let server: TestServer;
  /** The programs' sides of what was connected. */
  let connected: { port: number; here: Duplex; there: Duplex }[];
  let refusal: Error | undefined;
  let opened: string[];
  let closed: number;
  before(async () => {
    server = await TestServer.start({
      clock,
      views: (registry) => [
        new PodsView(registry, clock, {
          async open(object, user) {
            if (refusal) throw refusal;
            opened.push(`${user} at ${object.metadata.name}`);
            return {
              async connect(port) {
                if (port === 9) throw new Error("nothing listens there");
                const [here, there] = duplexPair();
                connected.push({ port, here, there });
                return here;
              },
              close: () => closed++,
            };
          },
        }),
      ],
    });
    const body = instance("web-0");
    assert.equal((await server.ask("POST", "/apis/wctl.dev/v1/namespaces/default/instances", { body })).code, 201);
  });
  beforeEach(() => {
    [connected, opened, closed, refusal] = [[], [], 0, undefined];
  });
  after(() => server.stop());

  const open = async (): Promise<SpdyClient> => {
    const client = await SpdyClient.open(server, path, spdy);
    assert.ok(client instanceof SpdyClient, JSON.stringify(client));
    return client;
  };
  /** As client-go does it: the stream for errors first. Known here as `error1` and `data1`. */
  const connect = async (client: SpdyClient, id: number, port = 80): Promise<void> => {
    for (const streamType of ["error", "data"])
      await client.openStream(`${streamType}${id}`, { streamType, port: `${port}`, requestID: `${id}` });
    client.send(`error${id}`, "", true);
  };
  const there = async (nth: number): Promise<Port> => {
    await eventually(() => connected.length > nth, "it is connected");
    let [heard, ended] = ["", false];
    const socket = connected[nth]!.there;
    socket.on("data", (chunk) => (heard += chunk));
    socket.on("end", () => (ended = true));
    socket.on("error", () => {});
    return { socket, heard: () => heard, ended: () => ended, gone: () => connected[nth]!.here.destroyed };
  };

  it("carries many connections, each both ways, one after the other and at once", async () => {
    const client = await open();
    assert.deepEqual(opened, ["wctl-admin at web-0"]);
    for (let id = 0; id < 12; id++) {
      await connect(client, id, id % 2 === 0 ? 80 : 443);
      const port = await there(id);
      client.send(`data${id}`, `question ${id}`);
      await eventually(() => port.heard() === `question ${id}`, "the question has come");
      port.socket.write(`answer ${id}`);
      if (id % 3 === 0) {
        client.send(`data${id}`, "", true);
        await eventually(port.ended, "the client's end has come");
      }
      port.socket.end();
      await eventually(() => client.on(`error${id}`).isOver, "it is over");
      assert.deepEqual(client.on(`data${id}`), { text: `answer ${id}`, isOver: true });
      assert.equal(client.on(`error${id}`).text, "");
    }
    assert.deepEqual([connected[0]?.port, connected[1]?.port], [80, 443]);
    client.socket.destroy();
    await eventually(() => closed === 1, "the session is closed");
  });

  it("is spoken through a WebSocket too, wherever that cuts it, and answers its pings and its close", async () => {
    const webSocket = await WebSocketClient.open(server, path, tunnelled);
    assert.ok(webSocket instanceof WebSocketClient, JSON.stringify(webSocket));
    assert.equal(webSocket.protocol, "SPDY/3.1+portforward.k8s.io");
    const [mine, its] = duplexPair();
    its.on("data", (bytes: Buffer) => {
      for (const half of [bytes.subarray(0, 3), bytes.subarray(3)])
        webSocket.socket.write(masked(opcodes.binary, half));
    });
    let passed = 0;
    webSocket.socket.on("data", () => {
      for (; passed < webSocket.heard.length; passed++) {
        const { opcode, data } = webSocket.heard[passed]!;
        if (opcode === opcodes.binary) its.write(data);
      }
    });
    const client = SpdyClient.over(mine);
    await connect(client, 1);
    const port = await there(0);
    client.send("data1", "question");
    await eventually(() => port.heard() === "question", "the question has come");
    port.socket.write("answer");
    await eventually(() => client.on("data1").text === "answer", "the answer has come");
    webSocket.socket.write(masked(opcodes.ping, Buffer.from("there?")));
    await eventually(() => webSocket.heard.some(({ opcode }) => opcode === opcodes.pong), "the ping is answered");
    webSocket.socket.write(masked(opcodes.close, Buffer.from([3, 232])));
    await eventually(() => webSocket.isOver && port.gone() && closed === 1, "all of it is over");
    assert.equal(webSocket.heard.at(-1)?.opcode, opcodes.close);
  });

  it("tells who connects what is wrong with the port, and goes on", async () => {
    const client = await open();
    await connect(client, 1, 9);
    client.send("data1", Buffer.alloc(300_000)); // More than may wait: it is dropped with its connection.
    await eventually(() => client.on("error1").isOver, "it is over");
    assert.equal(client.on("error1").text, "error forwarding port 9: nothing listens there");
    assert.equal(client.on("data1").isOver, true);
    await connect(client, 2);
    const port = await there(0);
    client.send("data2", "still here");
    await eventually(() => port.heard() === "still here", "the next one is carried");
    client.socket.write(controlFrame(types.rstStream, [client.of("data2"), 5]));
    await eventually(port.gone, "who takes a stream back has ended the connection");
    client.socket.destroy();
    await eventually(() => closed === 1, "the session is closed");
  });

  it("reads no more than a port takes, and waits with what a port sends for its client", async () => {
    const client = await open();
    await connect(client, 1);
    await eventually(() => connected.length === 1, "it is connected");
    let [sent, before] = [0, -1];
    await eventually(() => {
      const isHeldUp = client.socket.writableLength > 0 && sent === before;
      before = sent;
      if (client.socket.writableLength === 0) {
        client.send("data1", Buffer.alloc(512 * 1024));
        sent += 512 * 1024;
      }
      return isHeldUp;
    }, "the flood waits in the connection");
    assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken in`);
    client.socket.destroy();
    const pinged = async (): Promise<boolean> => {
      await clock.advanceAsync(1_000);
      return closed === 1;
    };
    await eventually(pinged, "the session ends with its client");
    const other = await open();
    other.socket.pause();
    await connect(other, 1);
    const { socket } = await there(1);
    const piece = Buffer.alloc(64 * 1024);
    for (let nth = 0; nth < 1_000; nth++) socket.write(piece);
    let length = -1;
    await eventually(() => {
      const isStill = socket.writableLength === length;
      length = socket.writableLength;
      return isStill && length > 0;
    }, "the port waits for the client");
    other.socket.destroy();
    await eventually(() => closed === 2, "the session ends with its client");
  });

  const id = (more: object) => ({ streamType: "data", port: "80", requestID: "1", ...more });
  for (const [says, act] of [
    ["opens a stream of another kind", (client: SpdyClient) => client.openStream("x", id({ streamType: "stdin" }))],
    ["names no port", (client: SpdyClient) => client.openStream("x", id({ port: "http" }))],
    ["names a port that cannot be", (client: SpdyClient) => client.openStream("x", id({ port: "65536" }))],
    ["names no request", (client: SpdyClient) => client.openStream("x", id({ requestID: "" }))],
    ["opens a stream twice", (client: SpdyClient) => client.openStream("x", id({ requestID: "0" }))],
    [
      "changes its port",
      (client: SpdyClient) => client.openStream("x", { ...id({ port: "81" }), streamType: "error" }),
    ],
    [
      "speaks before it has said where to",
      async (client: SpdyClient) => {
        await client.openStream("x", id({}));
        client.send("x", "early");
      },
    ],
    ["lies about its headers", (client: SpdyClient) => client.socket.write(synStream(99, Buffer.from("lies")))],
    ["speaks no SPDY", (client: SpdyClient) => client.socket.write(Buffer.from("GET / HTTP/1.1\r\n\r\n\r\n"))],
    ["ends the connection", (client: SpdyClient) => client.socket.end()],
  ] as const) {
    it(`ends with all its connections when the client ${says}`, async () => {
      const client = await open();
      await connect(client, 0);
      if (says === "changes its port") await client.openStream("y", id({}));
      const port = await there(0);
      await act(client);
      await eventually(() => client.isOver && port.gone() && closed === 1, "all of it is over");
    });
  }

  it("has a hundred connections at once and no more", async () => {
    const client = await open();
    for (let nth = 0; nth < 101; nth++) await connect(client, nth);
    await eventually(() => connected.length === 100, "a hundred are connected");
    await eventually(() => client.control(types.rstStream).length === 2, "both streams of the next one are refused");
    connected[0]!.there.end();
    await eventually(() => client.on("error0").isOver, "one is over");
    await connect(client, 200);
    await eventually(() => connected.length === 101, "there is room again");
    client.socket.destroy();
    await eventually(() => closed === 1, "the session ends with its client");
  });

  for (const [says, isEnded, connect] of [
    ["opens more than may be", false, () => new Promise<never>(() => {})],
    ["opens and ends them", true, () => new Promise<never>(() => {})],
    ["opens them to where nothing listens", false, () => Promise.reject(new Error("nothing listens there"))],
  ] as const) {
    it(`gives up a client that reads no answer, and ${says}`, async () => {
      const [here, there] = duplexPair({ highWaterMark: 1024 });
      const ports = { connect, close: () => {} };
      const connection = new PortForwardConnection(here, { clock, ports, moved: () => {} });
      const writer = new HeaderWriter();
      there.on("error", () => {});
      for (let stream = 1; !here.destroyed && stream < 5_000; stream += 4) {
        for (const [nth, streamType] of ["error", "data"].entries()) {
          const block = await writer.block({ streamType, port: "80", requestID: `${stream}` });
          there.write(synStream(stream + 2 * nth, block));
          if (isEnded) there.write(controlFrame(types.rstStream, [stream + 2 * nth, 5]));
        }
      }
      await connection.over;
      assert.ok(here.destroyed && here.writableLength < 1024 * 1024, `${here.writableLength} bytes wait`);
    });
  }

  it("ends when nothing moved for four hours", async () => {
    const client = await open();
    await connect(client, 1);
    const port = await there(0);
    await clock.advanceAsync(3 * 3_600_000);
    port.socket.write("still here");
    await eventually(() => client.on("data1").text !== "", "it moves");
    await clock.advanceAsync(4 * 3_600_000 - 1);
    assert.equal(client.isOver, false);
    await clock.advanceAsync(1);
    await eventually(() => client.isOver && closed === 1, "it is over");
  });

  it("tells over HTTP what is wrong before it begins", async () => {
    const plain = await server.ask("POST", path);
    assert.deepEqual([plain.code, /port-forward needs HTTP\/1\.1/.test(plain.json.message)], [400, true]);
    const { message } = (await SpdyClient.open(server, path)) as { message: string };
    assert.match(message, /port-forward needs/, "v4.channel.k8s.io is another protocol");
    assert.match(((await WebSocketClient.open(server, path)) as { message: string }).message, /must offer one of SPDY/);
    const ghost = await SpdyClient.open(server, path.replace("web-0", "ghost"), spdy);
    assert.deepEqual(ghost, { code: 404, message: 'pods "ghost" not found' });
    refusal = forbidden(instances as unknown as Resource, "web-0", "not now");
    assert.equal(((await SpdyClient.open(server, path, spdy)) as { code: number }).code, 403);
    assert.deepEqual([opened, closed], [[], 0]);
  });
});
