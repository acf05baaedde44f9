/** Watches and logs as web pages ask for them (Headlamp): over a WebSocket. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PodsView } from "../../../apiserver/views/pods/pods.ts";
import { closeCodes, LONGEST_MESSAGE, opcodes } from "../../../apiserver/websocket/frames.ts";
import { systemClock } from "../../../lib/clock.ts";
import { eventually } from "../../eventually.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { masked, WebSocketClient } from "../exec/websocket-client.ts";
import { instance } from "../fixtures.ts";
import { TestServer } from "../test-server.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const log = "/api/v1/namespaces/default/pods/web-0/log";
const none = { "sec-websocket-protocol": "" };

describe("a reply over a WebSocket", () => {
  let server: TestServer;
  let logEnded = 0;
  before(async () => {
    server = await TestServer.start({
      views: (registry) => [new PodsView(registry, systemClock)],
      logs: {
        async *open(_copy, { follow }, signal) {
          yield Buffer.from("first\nh\xc3", "latin1");
          yield Buffer.from("\xa4lf", "latin1");
          if (follow) await new Promise((resolve) => signal.addEventListener("abort", resolve));
          logEnded++;
        },
      },
    });
    const body = instance("web-0");
    assert.equal((await server.ask("POST", "/apis/wctl.dev/v1/namespaces/default/instances", { body })).code, 201);
  });
  after(() => server.stop());

  const open = async (path: string, headers: Record<string, string> = none): Promise<WebSocketClient> => {
    const client = await WebSocketClient.open(server, path, headers);
    assert.ok(client instanceof WebSocketClient, JSON.stringify(client));
    return client;
  };
  const make = async (name: string) =>
    (await server.ask("POST", maps, { body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name } } })).json;
  const codeOf = ({ heard }: WebSocketClient): number | undefined =>
    heard.find(({ opcode }) => opcode === opcodes.close)?.data.readUInt16BE();

  it("is a watch with a text for each event, from what there is on and in its selection, until the client closes", async () => {
    for (const name of ["a", "b"]) await make(name);
    const client = await open(`${maps}?watch=1&fieldSelector=metadata.name!%3Db`);
    await eventually(() => client.heard.length === 1, "what there is");
    await make("b2");
    const { metadata } = await make("c");
    await eventually(() => client.heard.length === 3, "what was made");
    assert.deepEqual(
      client.heard.map(({ opcode }) => opcode),
      [opcodes.text, opcodes.text, opcodes.text],
    );
    const events = client.heard.map(({ data }) => JSON.parse(data.toString()));
    assert.deepEqual(
      events.map(({ type, object }) => `${type} ${object.metadata.name}`),
      ["ADDED a", "ADDED b2", "ADDED c"],
    );
    assert.equal(events[2].object.metadata.resourceVersion, metadata.resourceVersion);
    client.socket.write(masked(opcodes.close, Buffer.of(3, 232)));
    await eventually(() => client.isOver, "the connection to end");
    assert.equal(codeOf(client), closeCodes.normal);
  });

  it("ends when its time is over, and says so", async () => {
    const client = await open(`${maps}?watch=true&timeoutSeconds=1`);
    await eventually(() => client.isOver, "the connection to end");
    assert.equal(codeOf(client), closeCodes.normal);
  });

  it("has errors of a watch in the stream, and what is refused before it as a Status over HTTP", async () => {
    server.store.compact(server.store.revision);
    await make("d");
    const old = await open(`${maps}?watch=true&resourceVersion=1`);
    await eventually(() => old.isOver, "the connection to end");
    const { type, object } = JSON.parse(old.heard[0]!.data.toString());
    assert.deepEqual([type, object.code, object.reason], ["ERROR", 410, "Expired"]);
    for (const [path, headers, code] of [
      [`${maps}?watch=true&fieldSelector=no.such%3D1`, none, 400],
      ["/apis/wctl.dev/v1/nosuch?watch=true", none, 404],
      [`${maps}?watch=true`, { ...none, "sec-websocket-version": "8" }, 400],
      [`${maps}?watch=true`, { ...none, origin: "https://elsewhere.example" }, 403],
    ] as const) {
      const refused = await WebSocketClient.open(server, path, headers);
      assert.ok(!(refused instanceof WebSocketClient));
      assert.equal(refused.code, code, path);
    }
  });

  it("is a list over HTTP where it is no watch: the upgrade is passed over", async () => {
    const answer = await WebSocketClient.open(server, maps, none).catch((error) => error);
    assert.ok(!(answer instanceof WebSocketClient));
    assert.equal(answer.code, 200);
  });

  it("is the page's own protocol again, when it offers one", async () => {
    const client = await open(`${maps}?watch=true&timeoutSeconds=1`, {
      "sec-websocket-protocol": "base64.binary.k8s.io, other",
    });
    assert.equal(client.protocol, "base64.binary.k8s.io");
    await eventually(() => client.isOver, "the connection to end");
    assert.ok(JSON.parse(client.heard[0]!.data.toString()).type, "events are text all the same");
  });

  it("is output in bytes, or in Base64, and begins at once", async () => {
    for (const [protocol, opcode, text] of [
      ["", opcodes.binary, "utf8"],
      ["binary.k8s.io", opcodes.binary, "utf8"],
      ["base64.binary.k8s.io", opcodes.text, "base64"],
    ] as const) {
      const client = await open(log, { "sec-websocket-protocol": protocol });
      await eventually(() => client.isOver, "the connection to end");
      const messages = client.heard.filter((one) => one.opcode === opcode);
      assert.equal(messages[0]!.data.length, 0);
      const pieces = messages.map(({ data }) => (text === "base64" ? Buffer.from(data.toString(), "base64") : data));
      assert.equal(Buffer.concat(pieces).toString(), "first\nhälf");
      assert.equal(codeOf(client), closeCodes.normal);
    }
  });

  it("ends when its client goes, however: a close, an end, a cut, nonsense", async () => {
    const ways: [string, (client: WebSocketClient) => unknown, number | undefined][] = [
      ["close", ({ socket }) => socket.write(masked(opcodes.close, Buffer.alloc(0))), closeCodes.normal],
      ["end", ({ socket }) => socket.end(), undefined],
      ["cut", ({ socket }) => socket.destroy(), undefined],
      ["unmasked", ({ socket }) => socket.write(Buffer.of(0x82, 1, 0)), closeCodes.protocolError],
      ["large", ({ socket }) => socket.write(masked(2, Buffer.alloc(LONGEST_MESSAGE + 1))), closeCodes.tooBig],
    ];
    for (const [way, go, code] of ways) {
      const before = logEnded;
      const client = await open(`${log}?follow=true`);
      await eventually(() => client.heard.length >= 3, "output");
      client.socket.write(masked(opcodes.ping, Buffer.from("are you there")));
      client.socket.write(masked(opcodes.text, Buffer.from("what is said is dropped")));
      await eventually(() => client.heard.at(-1)!.opcode === opcodes.pong, "an answer");
      go(client);
      await eventually(() => logEnded > before, `the log to end after: ${way}`);
      if (code !== undefined) await eventually(() => codeOf(client) === code, `the code of: ${way}`);
    }
  });
});

describe("a reply over a WebSocket that nobody reads", () => {
  it("waits, and is given up after half a minute", async () => {
    const clock = new FakeClock();
    let isOver = false;
    const server = await TestServer.start({
      clock,
      views: (registry) => [new PodsView(registry, systemClock)],
      logs: {
        async *open() {
          try {
            for (;;) yield Buffer.alloc(64 * 1024);
          } finally {
            isOver = true;
          }
        },
      },
    });
    try {
      await server.ask("POST", "/apis/wctl.dev/v1/namespaces/default/instances", { body: instance("web-0") });
      const client = await WebSocketClient.open(server, log, none);
      assert.ok(client instanceof WebSocketClient);
      client.socket.pause();
      await eventually(() => {
        clock.advance(1_000);
        return isOver;
      }, "the reader to be given up");
      client.socket.resume();
      await eventually(() => client.isOver, "the connection to be cut");
    } finally {
      await server.stop();
    }
  });
});
