import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { ConnectionError } from "../../../../api/http/connection-error.ts";
import type { Door } from "../../../../api/http/door/door.ts";
import { PipeDoor } from "../../../../api/http/door/pipe-door.ts";
import { SocketDoor } from "../../../../api/http/door/socket-door.ts";
import { HttpClient } from "../../../../api/http/http-client.ts";
import { processes } from "../../../../api/scheme.ts";
import { httpClientContract, json, type Lane, serve, web } from "../http-client-contract.ts";

const root = mkdtempSync(join(tmpdir(), "door-"));
const closers: (() => unknown)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
  rmSync(root, { recursive: true });
});

let sockets = 0;
const isWindows = process.geteuid === undefined;
const pathOf = (name: string): string =>
  isWindows ? `\\\\.\\pipe\\wctl-test-${process.pid}-${name}` : join(root, name);
const doorAt = (path: string): Door =>
  isWindows
    ? new PipeDoor(path)
    : new SocketDoor({ path, user: { uid: process.geteuid!(), gid: process.getegid!() }, warn: assert.fail });
/** HTTPS would be refused there. */
const NOWHERE = "https://127.0.0.1:1";

const byDoor: Lane = {
  closers,
  async clientOf(server, options) {
    const path = pathOf(`${sockets++}.sock`);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return new HttpClient({ server: NOWHERE }, { ...options, door: doorAt(path) });
  },
};

/** Whoever connects and asks hears this, and then the connection ends. */
const saying = (text: string): Promise<HttpClient> => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(text, "latin1"));
  });
  closers.push(() => server.close());
  return byDoor.clientOf(server);
};

describe("HttpClient by the local door", () => {
  httpClientContract(byDoor);

  it("names the door's own host, and says nothing that a proxy would", async () => {
    const { client, seen } = await serve(byDoor, json(web));
    await client.get(processes, "default/web");
    const { host, connection, ...others } = seen[0]!.headers;
    assert.deepEqual([host, connection], ["wctl", "close"]);
    assert.deepEqual(Object.keys(others).sort(), ["accept", "user-agent"]);
  });

  const body = JSON.stringify(web);
  const size = body.length;
  const good = [
    ["a length", `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${body}`],
    [
      "chunks",
      `HTTP/1.1 200\r\ntransfer-encoding:chunked\r\n\r\n5\r\n${body.slice(0, 5)}\r\n${(size - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\n\r\n`,
    ],
    [
      "interim answers first",
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${body}`,
    ],
    ["more than it said", `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${body}HTTP/1.1 200 OK\r\n`],
  ] as const;
  for (const [what, text] of good) {
    it(`reads an answer with ${what}`, async () => {
      assert.deepEqual(await (await saying(text)).get(processes, "default/web"), web);
    });
  }

  const ok = "HTTP/1.1 200 OK\r\n";
  const bad: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ["nothing", "", /was refused/],
    ["half a head", "HTTP/1.1 200 OK\r\nContent-Le", /closed the connection$/],
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n\r\n", /does not answer in HTTP\/1.1$/],
    ["an older HTTP", `HTTP/1.0 200 OK\r\nContent-Length: ${size}\r\n\r\n${body}`, /does not answer in HTTP\/1.1$/],
    ["bare line feeds", `HTTP/1.1 200 OK\nContent-Length: ${size}\n\n${body}`, /closed the connection$/],
    ["a header that goes on in the next line", `${ok}a: b\r\n c\r\n\r\n`, /malformed header$/],
    ["a header without a name", `${ok}: b\r\n\r\n`, /malformed header$/],
    ["a header with a blank before its colon", `${ok}Content-Length : ${size}\r\n\r\n${body}`, /malformed header$/],
    ["headers without end", `${ok}${`x: ${"y".repeat(1000)}\r\n`.repeat(20)}`, /headers without end$/],
    ["one header without end", `${ok}x: ${"y".repeat(20_000)}`, /headers without end$/],
    ["no length", `${ok}\r\n${body}`, /does not say how long its answer is$/],
    ["a length below zero", `${ok}Content-Length: -1\r\n\r\n`, /does not say how long/],
    ["a length that is none", `${ok}Content-Length: 0x10\r\n\r\n${body}`, /does not say how long/],
    ["two lengths", `${ok}Content-Length: 2\r\nContent-Length: ${size}\r\n\r\n${body}`, /says twice/],
    ["a length and chunks", `${ok}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, /says twice/],
    ["a coding that was not asked for", `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, /does not say how/],
    ["less than it said", `${ok}Content-Length: ${size + 1}\r\n\r\n${body}`, /closed the connection$/],
    [
      "chunks without the last",
      `${ok}Transfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n${body}\r\n`,
      /closed the connection$/,
    ],
    ["half a chunk", `${ok}Transfer-Encoding: chunked\r\n\r\nff\r\n${body}`, /closed the connection$/],
    ["a chunk without a size", `${ok}Transfer-Encoding: chunked\r\n\r\n\r\n`, /malformed chunk$/],
    ["a chunk with a size below zero", `${ok}Transfer-Encoding: chunked\r\n\r\n-1\r\n`, /malformed chunk$/],
    ["a chunk of an endless size", `${ok}Transfer-Encoding: chunked\r\n\r\n${"f".repeat(20)}\r\n`, /malformed chunk$/],
    [
      "a chunk with an extension",
      `${ok}Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n`,
      /malformed chunk$/,
    ],
    [
      "a chunk that is longer than it said",
      `${ok}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n`,
      /malformed chunk$/,
    ],
    ["a trailer", `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\nx: y\r\n\r\n`, /malformed chunk$/],
  ];
  for (const [what, text, message] of bad) {
    it(`refuses ${what}`, async () => {
      const client = await saying(text);
      await assert.rejects(client.get(processes, "default/web"), (error: Error) => {
        assert.ok(error instanceof ConnectionError, String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("reads an answer that comes byte by byte", async () => {
    const server = createServer((socket) => {
      socket.once("data", async () => {
        for (const byte of `${good[1][1]}`) {
          socket.write(byte);
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
    });
    closers.push(() => server.close());
    const client = await byDoor.clientOf(server);
    assert.deepEqual(await client.get(processes, "default/web"), web);
  });

  it("sends nothing that would end a line of the request", async () => {
    const { client, seen } = await serve(byDoor, json(web));
    for (const path of ["/a\r\nX: y", "/a b", "/\u0100"])
      await assert.rejects(client.raw("GET", path), /Request path contains unescaped characters/);
    const injected = client.raw("POST", "/x", { contentType: "a\r\nX: y", body: "" });
    await assert.rejects(injected, /Invalid character in header content \["content-type"\]/);
    assert.deepEqual(seen, []);
  });

  it("says as whom to act", async () => {
    const server = createHttpServer((request, response) => response.end(JSON.stringify(request.headersDistinct)));
    const path = pathOf("acting.sock");
    await new Promise<void>((resolve) => server.listen(path, resolve));
    closers.push(() => server.close());
    const impersonate = { user: "jane", groups: ["a", "b"] };
    const client = new HttpClient({ server: NOWHERE, impersonate }, { door: doorAt(path) });
    const headers = JSON.parse(await client.raw("GET", "/"));
    assert.deepEqual([headers["impersonate-user"], headers["impersonate-group"]], [["jane"], ["a", "b"]]);
  });

  it("breaks what is still going on when it is closed", async () => {
    const { client } = await serve(byDoor, (response) => response.write("one\n"));
    await assert.rejects(async () => {
      for await (const _ of client.stream("/logs")) client.close();
    }, ConnectionError);
  });
});

describe("a door that does not answer", () => {
  /** The same server by TCP, in the place of HTTPS, and what it was asked there. */
  const behind = async (path: string): Promise<{ client: HttpClient; asked: string[] }> => {
    const asked: string[] = [];
    const server = createHttpServer((request, response) => {
      asked.push(request.method ?? "");
      response.end(JSON.stringify(web));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    const client = new HttpClient(endpoint, { door: doorAt(path) });
    closers.push(
      () => server.close(),
      () => client.close(),
    );
    return { client, asked };
  };
  /** At the door. */
  const listening = async (path: string, onConnection: (socket: Socket) => void): Promise<Server> => {
    const server = createServer(onConnection);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    closers.push(() => server.close());
    return server;
  };

  it("is passed by: there is none, or nobody behind it", async () => {
    const { client, asked } = await behind(pathOf("none.sock"));
    await client.get(processes, "default/web");
    await client.create(processes, web);
    assert.deepEqual(asked, ["GET", "POST"]);
  });

  it("is tried again for the next request", async () => {
    const path = pathOf("later.sock");
    const { client, asked } = await behind(path);
    await client.get(processes, "default/web");
    let atTheDoor = 0;
    await listening(path, (socket) => {
      atTheDoor++;
      const text = JSON.stringify(web);
      socket.once("data", () => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`));
    });
    await client.get(processes, "default/web");
    assert.deepEqual([asked, atTheDoor], [["GET"], 1]);
  });

  it("has what only reads asked again over HTTPS, and never what may have been done", async () => {
    const path = pathOf("restarting.sock");
    await listening(path, (socket) => socket.once("data", () => socket.destroy()).on("error", () => {}));
    const { client, asked } = await behind(path);
    await client.get(processes, "default/web");
    assert.deepEqual(asked, ["GET"]);
    await assert.rejects(client.create(processes, web), /closed the connection$/);
    await assert.rejects(client.delete(processes, "default/web"), /closed the connection$/);
    assert.deepEqual(asked, ["GET"]);
  });

  it("has nothing asked again once it has begun to answer", async () => {
    const path = pathOf("broken.sock");
    await listening(path, (socket) => socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\n")));
    const { client, asked } = await behind(path);
    await assert.rejects(client.get(processes, "default/web"), /closed the connection$/);
    assert.deepEqual(asked, []);
  });
});
