import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { after, before, describe, it } from "node:test";
import { connect } from "node:tls";
import fc from "fast-check";
import { repeats } from "../repeats.ts";
import { processesPath, TestServer } from "./test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

const host = "Host: localhost\r\n";
const admin = "Authorization: Bearer root-token\r\n";

/** As long is a server waited for that may keep silent; the bytes of such a test are right with any answer and with none. */
const SILENT_MS = 2_000;

/** Sends bytes, half-closes (Node then ends early too) unless told otherwise, and gives back all that came until the connection, or this time, ended. */
async function exchange(
  bytes: string | Buffer,
  { halfClose = true, mostMs }: { halfClose?: boolean; mostMs?: number } = {},
): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port: server.port, ca: server.certificates.ca });
  const chunks: Buffer[] = [];
  socket.on("error", () => {});
  socket.on("data", (chunk) => chunks.push(chunk));
  await once(socket, "secureConnect");
  if (halfClose) socket.end(bytes);
  else socket.write(bytes);
  const timer = mostMs === undefined ? undefined : setTimeout(() => socket.destroy(), mostMs);
  await new Promise((resolve) => socket.once("close", resolve));
  clearTimeout(timer);
  return Buffer.concat(chunks).toString("latin1");
}

const codes = (text: string): number[] => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));

async function stillWell(): Promise<void> {
  const { code } = await server.ask("GET", processesPath);
  assert.equal(code, 200, "a normal client is served as before");
}

describe("malformed HTTP", () => {
  const get = `GET ${processesPath} HTTP/1.1\r\n`;
  const cases: [string, string | Buffer][] = [
    ["nothing", ""],
    ["garbage", "\x00\x01\x02\x03\r\n\r\n"],
    ["an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["a missing version", "GET /\r\n\r\n"],
    ["version 9.9", `GET / HTTP/9.9\r\n${host}\r\n`],
    ["no Host", `${get}\r\n`],
    ["two Hosts", `${get}${host}Host: evil.example\r\n${admin}\r\n`],
    ["a space before the colon", `${get}${host}X : y\r\n\r\n`],
    ["a folded header", `${get}${host}X: a\r\n b\r\n\r\n`],
    ["NUL in a header", `${get}${host}X: a\x00b\r\n\r\n`],
    ["a bare LF", `GET / HTTP/1.1\nHost: localhost\n\n`],
    ["a bare CR", `GET / HTTP/1.1\rHost: localhost\r\r`],
    [
      "Content-Length and Transfer-Encoding",
      `POST ${processesPath} HTTP/1.1\r\n${host}${admin}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n${host}${admin}\r\n`,
    ],
    [
      "two Content-Lengths",
      `POST ${processesPath} HTTP/1.1\r\n${host}${admin}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`,
    ],
    ["a negative Content-Length", `POST ${processesPath} HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`],
    ["a huge Content-Length", `POST ${processesPath} HTTP/1.1\r\n${host}Content-Length: 99999999999999999999\r\n\r\n`],
    [
      "a chunk size that is none",
      `POST ${processesPath} HTTP/1.1\r\n${host}${admin}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n`,
    ],
    [
      "a huge chunk size",
      `POST ${processesPath} HTTP/1.1\r\n${host}${admin}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n`,
    ],
    [
      "chunked twice",
      `POST ${processesPath} HTTP/1.1\r\n${host}${admin}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      "an unknown transfer encoding",
      `POST ${processesPath} HTTP/1.1\r\n${host}${admin}Transfer-Encoding: gzip\r\n\r\n`,
    ],
    ["an absolute URL", `GET https://localhost${processesPath} HTTP/1.1\r\n${host}${admin}\r\n`],
    ["an asterisk", `OPTIONS * HTTP/1.1\r\n${host}${admin}\r\n`],
    ["CONNECT", `CONNECT localhost:80 HTTP/1.1\r\n${host}${admin}\r\n`],
    ["TRACE", `TRACE ${processesPath} HTTP/1.1\r\n${host}${admin}\r\n`],
    ["an expectation", `${get}${host}${admin}Expect: miracles\r\n\r\n`],
    ["non-ASCII in the path", Buffer.from(`GET /\xe9 HTTP/1.1\r\n${host}${admin}\r\n`, "latin1")],
    [
      "a body that ends too early",
      `POST ${processesPath} HTTP/1.1\r\n${host}${admin}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"a"`,
    ],
    ["a header of 20 kB", `${get}${host}X: ${"x".repeat(20_000)}\r\n\r\n`],
    ["5,000 headers", `${get}${host}${"X: y\r\n".repeat(5000)}\r\n`],
    ["a path of 20 kB", `GET /${"x".repeat(20_000)} HTTP/1.1\r\n${host}\r\n`],
  ];
  // One reader finds a second request in these, and another one does not (RFC 9112, 11.2).
  const hidden = `GET /metrics HTTP/1.1\r\n${host}${admin}\r\n`;
  const framings = [
    "Content-Length: +4",
    "Content-Length: 0x4",
    "Content-Length: 4,4",
    "Content-Length: 4, 5",
    "Content-Length: 4 4",
    "Content-Length: ",
    "Content-Length: 4\r\nContent-Length: 4",
    "Content-Length : 4",
    "Content-Length\t: 4",
    " Content-Length: 4",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: identity, chunked\r\nContent-Length: 4",
    "Transfer-Encoding: \x0bchunked",
    "Transfer-Encoding: chunked\x00",
    "Transfer-Encoding : chunked",
    "Transfer-Encoding:\r\n chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    "X: y\rTransfer-Encoding: chunked",
    "X: y\nTransfer-Encoding: chunked",
    'Transfer-Encoding: "chunked"',
    "Content-Length: 4\r\nTransfer-Encoding: gzip, chunked",
  ];
  for (const framing of framings)
    cases.push([
      `a body framed by ${JSON.stringify(framing)}`,
      `POST ${processesPath} HTTP/1.1\r\n${host}${admin}${framing}\r\n\r\n0\r\n\r\n${hidden}`,
    ]);
  const chunks = [
    "0x0\r\n\r\n",
    "+0\r\n\r\n",
    "-0\r\n\r\n",
    " 0\r\n\r\n",
    "0\n\n",
    "0\r\r",
    "0;\n\r\n\r\n",
    "1\r\nab\r\n0\r\n\r\n",
    "1\r\na\n0\r\n\r\n",
    "\r\n0\r\n\r\n",
  ];
  for (const lie of chunks)
    cases.push([
      `the chunks ${JSON.stringify(lie)}`,
      `POST ${processesPath} HTTP/1.1\r\n${host}${admin}Transfer-Encoding: chunked\r\n\r\n${lie}${hidden}`,
    ]);
  for (const [what, bytes] of cases) {
    it(`with ${what} is refused or ignored, and only that`, async () => {
      const answer = await exchange(bytes, { mostMs: SILENT_MS });
      for (const code of codes(answer)) assert.ok(code >= 400 && code < 500, `${code}: ${answer.slice(0, 300)}`);
      assert.ok(codes(answer).length <= 1, "what follows a malformed request is never served");
      await stillWell();
    });
  }

  it("gets a Status, also where no request could be read", async () => {
    const answer = await exchange(`${get}${host}X: ${"x".repeat(20_000)}\r\n\r\n`);
    assert.deepEqual(codes(answer), [431]);
    const status = JSON.parse(answer.slice(answer.indexOf("{")));
    assert.deepEqual([status.kind, status.code], ["Status", 431]);
    assert.deepEqual(codes(await exchange("nonsense\r\n\r\n")), [400]);
  });

  it("in a body never becomes a request of its own", async () => {
    const inner = `DELETE ${processesPath} HTTP/1.1\r\n${host}${admin}\r\n`;
    const answer = await exchange(
      `POST ${processesPath} HTTP/1.1\r\n${host}${admin}Content-Type: application/json\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
    );
    assert.deepEqual(codes(answer), [400]);
  });

  const one = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\n${host}${admin}${more}\r\n`;

  it("is not an answer that begins before the one that it follows has left: no 100 Continue stands in it", async () => {
    const expecting = "Expect: 100-continue\r\nConnection: close\r\n";
    const answer = await exchange(one(processesPath) + one("/%ff", expecting), { halfClose: false });
    assert.deepEqual(codes(answer), [200, 400]);
    assert.deepEqual(codes(await exchange(one("/%ff", expecting), { halfClose: false })), [100, 400]);
  });

  it("is not what pipelined requests are: they are answered in order", async () => {
    const answer = await exchange(
      one("/healthz") + one(`${processesPath}/none`) + one(processesPath, "Connection: close\r\n"),
      { halfClose: false },
    );
    assert.deepEqual(codes(answer), [200, 404, 200]);
  });

  it("is not what a request for another protocol is: it is answered in this one", async () => {
    const upgrade = "Connection: Upgrade, close\r\nUpgrade: websocket\r\n";
    assert.deepEqual(codes(await exchange(one(processesPath, upgrade))), [200]);
  });

  it("is not what a request for another protocol is behind others: it ends that connection at most", async () => {
    const upgrade = one("/healthz", "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    for (const before of [
      one("/healthz"),
      one("/healthz").repeat(3),
      one(`${processesPath}?watch=true`),
      one("/openapi/v2"),
    ]) {
      const answered = codes(await exchange(before + upgrade, { halfClose: false, mostMs: SILENT_MS }));
      for (const code of answered) assert.equal(code, 200);
    }
    await stillWell();
  });

  it("is not what a request for another protocol is right after an answer", async () => {
    for (let round = 0; round < 20; round++) {
      const socket = connect({ host: "127.0.0.1", port: server.port, ca: server.certificates.ca });
      socket.on("error", () => {});
      socket.write(one("/openapi/v2"));
      await once(socket, "data");
      socket.write(one("/healthz", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
      socket.resume();
      await new Promise((resolve) => socket.once("close", resolve));
    }
    await stillWell();
  });

  it("after a good request cuts the answers off rather than write into them", async () => {
    const answer = await exchange(`${one(`${processesPath}?watch=true`)}BROKEN\r\n\r\n`, { mostMs: SILENT_MS });
    assert.ok(codes(answer).length <= 1, answer);
    await stillWell();
  });

  it("of any shape does no harm: mutations of a good request", async () => {
    const good = `POST ${processesPath}?a=b HTTP/1.1\r\n${host}${admin}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;
    const at = fc.nat(good.length);
    const mutation = fc.oneof(
      fc
        .tuple(at, fc.uint8Array({ minLength: 1, maxLength: 6 }))
        .map(([index, bytes]) =>
          Buffer.concat([Buffer.from(good.slice(0, index)), bytes, Buffer.from(good.slice(index))]),
        ),
      fc
        .tuple(at, fc.integer({ min: 1, max: 20 }))
        .map(([index, count]) => Buffer.from(good.slice(0, index) + good.slice(index + count))),
      at.map((index) => Buffer.from(good.slice(0, index))),
      fc.tuple(at, at).map(([from, to]) => Buffer.from(good.slice(0, from) + good.slice(to))),
    );
    const inputs = fc.sample(mutation, repeats(160));
    for (let from = 0; from < inputs.length; from += 40) {
      const answers = await Promise.all(
        inputs.slice(from, from + 40).map((bytes) => exchange(bytes, { mostMs: SILENT_MS })),
      );
      for (const answer of answers) for (const code of codes(answer)) assert.ok(code < 500, answer.slice(0, 200));
    }
    await stillWell();
  });
});

describe("malformed TLS", () => {
  it("ends that connection and no other", async () => {
    const hellos = [
      "",
      "GET / HTTP/1.1\r\n\r\n",
      "\x16\x03\x01",
      "\x16\x03\x01\xff\xff",
      "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
      "\x80\x2e\x01",
      "\x15\x03\x03\x00\x02\x02\x28",
      "\x00".repeat(5000),
    ];
    for (const hello of hellos) {
      const socket = connectTcp({ host: "127.0.0.1", port: server.port });
      socket.on("error", () => {});
      socket.resume();
      await once(socket, "connect");
      socket.end(Buffer.from(hello, "latin1"));
      await new Promise((resolve) => socket.once("close", resolve));
    }
    await stillWell();
  });

  it("survives clients that vanish at any moment", async () => {
    for (let bytes = 0; bytes < 60; bytes += 3) {
      const socket = connect({ host: "127.0.0.1", port: server.port, ca: server.certificates.ca });
      socket.on("error", () => {});
      if (bytes % 2 === 0) await once(socket, "secureConnect");
      socket.write(`GET ${processesPath}?watch=true HTTP/1.1\r\n${host}${admin}\r\n`.slice(0, bytes * 3));
      socket.destroy();
    }
    await stillWell();
  });
});
