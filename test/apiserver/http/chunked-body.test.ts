import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { ChunkedBody } from "../../../apiserver/http/chunked-body.ts";

const MIB = 1024 * 1024;

/** What a client is told that sends this, until the server ends the connection. */
async function told(server: Server, request: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.write(request);
  await once(socket, "end");
  return Buffer.concat(chunks).toString("latin1");
}

describe("a body in chunks", () => {
  let server: Server;
  let serve: (request: IncomingMessage, response: ServerResponse) => void;
  before(async () => {
    server = createServer((request, response) => serve(request, response)).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => server.close());

  const bodyOf = (response: ServerResponse, socket: Socket): ChunkedBody => {
    response.flushHeaders();
    return new ChunkedBody(response, socket);
  };
  const ask = (path: string, more = "", version = "1.1"): string =>
    `GET ${path} HTTP/${version}\r\nHost: localhost\r\n${more}\r\n`;

  it("is what Node would have written: bytes and text in their order, nothing for no bytes, an end", async () => {
    serve = ({ socket }, response) => {
      const body = bodyOf(response, socket);
      for (const part of ["é\n", Buffer.from("twenty bytes, no less"), Buffer.alloc(0), "last\n"]) body.write(part);
      body.end();
    };
    const answer = await told(server, ask("/", "Connection: close\r\n"));
    const whole = answer.slice(answer.indexOf("\r\n\r\n") + 4);
    assert.equal(whole, "3\r\n\xc3\xa9\n\r\n15\r\ntwenty bytes, no less\r\n5\r\nlast\n\r\n0\r\n\r\n");
  });

  it("waits for the answers that were asked for earlier on its connection", async () => {
    const first = Promise.withResolvers<ServerResponse>();
    serve = ({ url, socket }, response) => {
      if (url === "/first") return first.resolve(response);
      const body = bodyOf(response, socket);
      body.write(Buffer.from("second"));
      void first.promise.then((earlier) => {
        earlier.end("first");
        body.write(Buffer.from("third"));
        body.end();
      });
    };
    const answer = await told(server, ask("/first") + ask("/second", "Connection: close\r\n"));
    assert.match(answer, /\r\n\r\nfirstHTTP\/1\.1 200[\s\S]*\r\n\r\n6\r\nsecond\r\n5\r\nthird\r\n0\r\n\r\n$/);
  });

  it("has no frames for who knows none", async () => {
    serve = ({ socket }, response) => {
      const body = bodyOf(response, socket);
      body.write(Buffer.from("plain"));
      body.end();
    };
    assert.match(await told(server, ask("/", "", "1.0")), /\r\n\r\nplain$/);
  });

  it("says when its reader is behind, and when he has caught up", async () => {
    const drained = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const chunk = Buffer.alloc(MIB, "x");
    serve = ({ socket }, response) => {
      const body = bodyOf(response, socket);
      body.once("close", closed.resolve);
      body.on("drain", drained.resolve);
      let left = 64;
      while (left-- > 0 && body.write(chunk));
      assert.ok(left > 0, "64 MiB do not fit into a connection");
    };
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.write(ask("/"));
    await once(socket, "readable");
    socket.resume();
    await drained.promise;
    socket.destroy();
    await closed.promise;
  });
});
