import assert from "node:assert/strict";
import { once } from "node:events";
import type { PassThrough } from "node:stream";
import { after, before, beforeEach, describe, it } from "node:test";
import { badRequest } from "../../../../api/errors.ts";
import { FIRST_CREDIT } from "../../../../api/exec/exec-connection.ts";
import type { ExecRequest } from "../../../../api/exec/exec-session.ts";
import { controlFrame, dataFrame, types } from "../../../../apiserver/exec/spdy/frames.ts";
import { PodsView } from "../../../../apiserver/views/pods/pods.ts";
import { systemClock } from "../../../../lib/clock.ts";
import { eventually } from "../../../eventually.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";
import { FakeSession } from "../../fake-session.ts";
import { instance } from "../../fixtures.ts";
import { TestServer } from "../../test-server.ts";
import { HeaderWriter, SpdyClient, synStream } from "./spdy-client.ts";

const path = "/api/v1/namespaces/default/pods/web-0/exec";
const all = "container=main&stdin=true&stdout=true&stderr=true";

const bomb = (): Promise<Buffer> => new HeaderWriter().block({ streamtype: "x".repeat(4_000_000) });

describe("exec over SPDY", () => {
  let server: TestServer;
  let session: FakeSession;
  let asked: ExecRequest | undefined;
  let refusal: Error | undefined;
  before(async () => {
    server = await TestServer.start({
      views: (registry) => [new PodsView(registry, systemClock)],
      exec: {
        async open(_object, request) {
          asked = request;
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

  const open = async (query = `command=cat&${all}`): Promise<SpdyClient> => {
    const client = await SpdyClient.open(server, `${path}?${query}`);
    assert.ok(client instanceof SpdyClient, JSON.stringify(client));
    return client;
  };
  const opened = async (): Promise<SpdyClient> => {
    const client = await open();
    await client.openStreams("error", "stdin", "stdout", "stderr");
    return client;
  };

  it("carries input, both outputs and the outcome, each on its stream", async () => {
    (session.stdout as PassThrough).write("early"); // Before the client has a stream for it.
    const client = await opened();
    assert.deepEqual(asked, { command: ["cat"], stdin: true });
    client.send("stdin", "typed");
    client.send("stdin", "", true);
    await once(session.stdin, "finish");
    assert.equal(Buffer.concat(session.read).toString(), "typed");
    (session.stdout as PassThrough).write(" out");
    session.stderr.write("err");
    session.exit({ code: 3 });
    await eventually(() => client.isOver, "the server has ended the connection");
    assert.deepEqual(client.on("stdout"), { text: "early out", isOver: true });
    assert.deepEqual(client.on("stderr"), { text: "err", isOver: true });
    const outcome = JSON.parse(client.on("error").text);
    assert.deepEqual([outcome.reason, outcome.details.causes[0].message], ["NonZeroExitCode", "3"]);
    assert.equal(client.on("error").isOver, true);
    assert.equal(client.control(types.synReply).length, 4);
    assert.equal(session.closed, 1);
  });

  it("carries the sizes of a terminal, and none that says nothing", async () => {
    const client = await open("command=sh&stdin=true&stdout=true&tty=true");
    await client.openStreams("error", "stdin", "stdout", "resize");
    client.send("resize", '{"Width":0,"Height":0}\n{"Width":20,');
    client.send("resize", '"Height":6}\n');
    await eventually(() => session.sizes.length > 0, "the size has come");
    assert.deepEqual(session.sizes, [{ columns: 20, rows: 6 }]);
    client.socket.destroy();
    await eventually(() => session.closed === 1, "the command ends with its client");
  });

  it("answers the pings of the client, and takes input at the pace of the command", async () => {
    session.isDeaf = true;
    const client = await opened();
    client.socket.write(controlFrame(types.ping, [7]));
    client.send("stdin", Buffer.alloc(FIRST_CREDIT * 2, 1));
    client.send("stdin", Buffer.alloc(FIRST_CREDIT * 2, 1));
    await eventually(() => client.control(types.ping).length > 0, "the ping is answered");
    assert.equal(client.control(types.ping)[0]?.readUInt32BE(), 7);
    const taken = session.read.reduce((sum, { length }) => sum + length, 0);
    assert.ok(taken <= FIRST_CREDIT, `${taken} bytes were taken`);
    client.socket.destroy();
    await eventually(() => session.closed === 1, "the command ends with its client");
  });

  for (const [says, act] of [
    ["ends the connection", (client: SpdyClient) => client.socket.end()],
    ["speaks no SPDY", (client: SpdyClient) => client.socket.write(Buffer.from("GET / HTTP/1.1\r\n\r\n\r\n"))],
    ["lies about its headers", (client: SpdyClient) => client.socket.write(synStream(9, Buffer.from("lies")))],
    ["opens a stream twice", (client: SpdyClient) => client.openStreams("stdin")],
    ["opens one that it did not ask for", (client: SpdyClient) => client.openStreams("resize")],
    ["sends further headers", (client: SpdyClient) => client.socket.write(controlFrame(types.headers, [1]))],
    ["names its stream with a bomb", async (client: SpdyClient) => client.socket.write(synStream(9, await bomb()))],
    ["sends a frame that is cut short", (client: SpdyClient) => client.socket.write(controlFrame(types.synStream, []))],
  ] as const) {
    for (const when of ["before its streams are open", "later"] as const) {
      it(`ends the command when the client ${says} ${when}`, async () => {
        const client = when === "later" ? await opened() : await open();
        if (when !== "later") await client.openStreams("stdin");
        await act(client);
        await eventually(() => session.closed === 1, "the session is closed");
        await eventually(() => client.isOver, "the connection is over");
      });
    }
  }

  it("passes over windows, settings and farewells, which mean nothing to a session, and frames of kinds unknown to it", async () => {
    const client = await opened();
    const [windowUpdate, credential] = [9, 10];
    for (const delta of [0, 1, 0x7fff_ffff, 0xffff_ffff]) {
      client.socket.write(controlFrame(windowUpdate, [0, delta]));
      client.socket.write(controlFrame(windowUpdate, [5, delta]));
    }
    client.socket.write(controlFrame(types.settings, [1, 7, 0])); // The first window of each stream: nothing.
    client.socket.write(controlFrame(types.goAway, [0, 0]));
    client.socket.write(controlFrame(credential, [Buffer.alloc(1000)]));
    client.socket.write(dataFrame(77, Buffer.from("to nobody")));
    client.send("stdin", "typed");
    client.send("stdin", "", true);
    await once(session.stdin, "finish");
    assert.equal(Buffer.concat(session.read).toString(), "typed");
    (session.stdout as PassThrough).write("out");
    session.exit({ code: 0 });
    await eventually(() => client.isOver, "the server has ended the connection");
    assert.equal(client.on("stdout").text, "out");
  });

  it("waits half a minute for the streams of its client, and ends the command then", async () => {
    const clock = new FakeClock(new Date());
    const other = await TestServer.start({
      clock,
      views: (registry) => [new PodsView(registry, clock)],
      exec: { open: async () => session },
    });
    try {
      await other.ask("POST", "/apis/wctl.dev/v1/namespaces/default/instances", { body: instance("web-0") });
      const client = await SpdyClient.open(other, `${path}?command=x&${all}`);
      assert.ok(client instanceof SpdyClient);
      await client.openStreams("error", "stdin");
      await eventually(() => client.control(types.synReply).length === 2, "two of four are open");
      await clock.advanceAsync(29_999);
      assert.deepEqual([client.isOver, session.closed], [false, 0]);
      await clock.advanceAsync(1);
      await eventually(() => client.isOver && session.closed === 1, "the session is over");
    } finally {
      await other.stop();
    }
  });

  it("tells what is wrong over HTTP, before anything begins", async () => {
    const refused = async (query: string, headers = {}): Promise<unknown> =>
      SpdyClient.open(server, `${path}?${query}`, headers);
    const message = "X-Stream-Protocol-Version must offer v4.channel.k8s.io";
    assert.deepEqual(await refused(`command=x&${all}`, { "x-stream-protocol-version": "v3.channel.k8s.io" }), {
      code: 400,
      message,
    });
    assert.equal(asked, undefined);
    refusal = badRequest("it does not run");
    assert.deepEqual(await refused(`command=x&${all}`), { code: 400, message: "it does not run" });
  });
});
