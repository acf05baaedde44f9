import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Malformed } from "../../../runtime/probes/http-faults.ts";
import { type Answer, ResponseReader } from "../../../runtime/probes/http-response.ts";

const LIMIT = 10 * 1024;

/** What is made of bytes that come in pieces of this size, and then the end of the connection. */
function read(text: string | Buffer, size = 1 << 20): Answer {
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text, "latin1");
  const reader = new ResponseReader(LIMIT);
  for (let at = 0; at < bytes.length && !reader.answer; at += size) reader.feed(bytes.subarray(at, at + size));
  if (!reader.answer) reader.end();
  assert.ok(reader.answer);
  return reader.answer;
}

const long = `X-Long: ${"x".repeat(20_000)}\r\n`;
const accepted: [what: string, text: string, status: number, body: string, location?: string][] = [
  ["a plain answer", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"],
  ["lines that end in LF", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 200, "ok"],
  ["LF and CRLF mixed", "HTTP/1.1 200 OK\nA: b\r\nContent-Length: 2\n\r\nok", 200, "ok"],
  ["headers over 16 KiB", `HTTP/1.1 200 OK\r\n${long}${long}\r\nok`, 200, "ok"],
  ["a megabyte of headers", `HTTP/1.1 200 OK\r\n${long.repeat(50)}\r\nok`, 200, "ok"],
  ["one length twice", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length:  2 \r\n\r\nok", 200, "ok"],
  [
    "chunks with a length",
    "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\n\r\n",
    200,
    "ok",
  ],
  [
    "chunks in capitals",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\nA \r\n0123456789\r\n0\r\n\r\n",
    200,
    "0123456789",
  ],
  ["chunks with LF", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n", 200, "ok"],
  [
    "chunks without the end of their trailers",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: ",
    200,
    "ok",
  ],
  ["204 with a body", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok", 204, ""],
  ["204 in chunks", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\nnonsense", 204, ""],
  ["304 with a body", "HTTP/1.1 304 Not Modified\r\n\r\nok", 304, ""],
  ["more than was said", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more", 200, "ok"],
  ["no length", "HTTP/1.1 200 OK\r\n\r\nok", 200, "ok"],
  ["no reason", "HTTP/1.1 200\r\n\r\n", 200, ""],
  ["an odd reason", "HTTP/1.1  200   all is \xff well\r\n\r\n", 200, ""],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nok", 200, "ok"],
  ["an early hint first", "HTTP/1.1 103 Early Hints\r\nLocation: /x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok", 200, "ok"],
  ["a switch of protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n", 101, ""],
  ["a status nobody knows", "HTTP/1.1 299 Whatever\r\n\r\n", 299, ""],
  ["a header without a name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n", 200, ""],
  ["a name with a blank", "HTTP/1.1 200 OK\r\nMy Header: x\r\n\r\n", 200, ""],
  [
    "a header over two lines",
    "HTTP/1.1 302 Found\r\nA: b\r\nLocation:\r\n /next\r\nB: c\r\n d\r\n\r\n",
    302,
    "",
    "/next",
  ],
  ["two locations", "HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: /b\r\n\r\n", 302, "", "/a"],
  ["a body longer than the limit", `HTTP/1.1 200 OK\r\n\r\n${"x".repeat(LIMIT + 1)}`, 200, "x".repeat(LIMIT)],
];

describe("an answer that kubelet accepts is accepted", () => {
  for (const [what, text, status, body, location] of accepted) {
    it(what, () => assert.deepEqual(read(text), { status, location, body }));
  }

  it("in pieces of any size", () => {
    for (const [what, text, status, body, location] of accepted.filter(([, text]) => text.length < 5_000)) {
      for (const size of [1, 2, 3, 7])
        assert.deepEqual(read(text, size), { status, location, body }, `${what}, by ${size}`);
    }
  });
});

const refused: [what: string, text: string, message: RegExp][] = [
  ["nothing", "", /^EOF$/],
  ["half a head", "HTTP/1.1 200 OK\r\nA: b\r\n", /^unexpected EOF$/],
  ["another protocol", "SSH-2.0-OpenSSH\r\n", /^malformed HTTP response$/],
  ["a short status", "HTTP/1.1 20 OK\r\n\r\n", /^malformed HTTP status code$/],
  ["a status that is none", "HTTP/1.1 2x0 OK\r\n\r\n", /^malformed HTTP status code$/],
  ["a version that is none", "HTTP/one 200 OK\r\n\r\n", /^malformed HTTP version$/],
  ["a line without a colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", /^malformed MIME header line$/],
  ["a first line that goes on", "HTTP/1.1 200 OK\r\n x: y\r\n\r\n", /^malformed MIME header initial line$/],
  ["NUL in a value", "HTTP/1.1 200 OK\r\nA: \0\r\n\r\n", /^malformed MIME header line$/],
  ["a carriage return inside", "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", /^malformed MIME header line$/],
  ["a name that is none", "HTTP/1.1 200 OK\r\nA(b): c\r\n\r\n", /^malformed MIME header line$/],
  ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", /multiple Content-Length/],
  ["a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok", /^bad Content-Length$/],
  [
    "a length beyond 63 bits",
    "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\nok",
    /^bad Content-Length$/,
  ],
  ["an unknown encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok", /^unsupported transfer encoding$/],
  [
    "two encodings",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    /^too many transfer/,
  ],
  ["less than was said", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", /^unexpected EOF$/],
  ["a chunk without its end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok", /^unexpected EOF$/],
  [
    "a chunk that is longer than it says",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n",
    /^malformed chunked encoding$/,
  ],
  ["a chunk of no size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", /^invalid byte in chunk length$/],
  ["six hints", `${"HTTP/1.1 100 Continue\r\n\r\n".repeat(6)}HTTP/1.1 200 OK\r\n\r\n`, /too many 1xx/],
  ["11 MiB of headers", `HTTP/1.1 200 OK\r\n${long.repeat(560)}\r\n`, /headers exceeded 10485760 bytes/],
  ["a head without an end of line", `HTTP/1.1 200 ${"x".repeat(11 << 20)}`, /headers exceeded 10485760 bytes/],
  ["a million headers", `HTTP/1.1 200 OK\r\n${"a:b\n".repeat(1_000_000)}`, /more than 20000 header lines/],
];

describe("what kubelet refuses is refused, in its words, and never with what was received", () => {
  for (const [what, text, message] of refused) it(what, () => assert.throws(() => read(text), { message }));

  it("and nothing else is thrown, whatever comes", () => {
    const pieces = [
      "HTTP/1.1 200 OK",
      "\r\n",
      "\n",
      ":",
      " ",
      "Content-Length: 3",
      "Transfer-Encoding: chunked",
      "0",
      "a",
      "\0",
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { maxLength: 20 }),
        fc.integer({ min: 1, max: 9 }),
        (all, size) => {
          const reader = new ResponseReader(LIMIT);
          const bytes = Buffer.from(all.join(""));
          try {
            for (let at = 0; at < bytes.length && !reader.answer; at += size)
              reader.feed(bytes.subarray(at, at + size));
          } catch (error) {
            assert.ok(error instanceof Malformed, String(error));
          }
        },
      ),
    );
  });
});
