import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { Carrier, HttpRequest, HttpResponse } from "../../../apiserver/http/carrier.ts";
import { Exchange } from "../../../apiserver/http/exchange.ts";
import { KeptBody } from "../../../apiserver/http/kept-body.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

/** What a reader took of an answer, who takes nothing before he is asked to. */
class Reader extends EventEmitter implements HttpResponse {
  statusCode = 200;
  headersSent = false;
  writableEnded = false;
  readonly headers = new Map<string, unknown>();
  readonly pieces: Buffer[] = [];

  setHeader(name: string, value: unknown): void {
    this.headers.set(name.toLowerCase(), value);
  }

  appendHeader(name: string, value: string): void {
    this.setHeader(name, value);
  }

  writeHead(code: number): void {
    this.statusCode = code;
    this.headersSent = true;
  }

  write(chunk: string | Uint8Array): boolean {
    this.pieces.push(Buffer.from(chunk as Uint8Array));
    return false;
  }

  end(last?: Uint8Array): void {
    if (last) this.write(last);
    this.writableEnded = true;
    this.emit("close");
  }
}

function exchangeWith(reader: Reader, method = "GET"): { exchange: Exchange; clock: FakeClock } {
  const clock = new FakeClock();
  const carrier = {
    request: { method, headers: {}, socket: { destroyed: false } as Socket } as HttpRequest,
    response: reader,
    body: reader,
    isUpgrade: false,
    answerLast: () => {},
    sendHeaders: () => reader.writeHead(reader.statusCode),
    ignore: () => {},
    cut: () => {},
    switchTo: () => assert.fail("not here"),
  } satisfies Carrier;
  return { exchange: new Exchange(carrier, clock), clock };
}

describe("a body that is kept for all", () => {
  const body = new KeptBody("text/plain", randomBytes(400_000));

  it("leaves at the pace of its reader, piece by piece, and its length is known", async () => {
    const reader = new Reader();
    const sent = exchangeWith(reader).exchange.sendKept(body);
    for (let taken = 1; !reader.writableEnded; taken++) {
      await setImmediate();
      assert.equal(reader.pieces.length, taken, "nothing is handed over before the last piece was taken");
      reader.emit("drain");
      await setImmediate();
    }
    await sent;
    assert.deepEqual(Buffer.concat(reader.pieces), body.bytes);
    assert.ok(reader.pieces.length > 3);
    assert.equal(reader.headers.get("content-length"), 400_000);
  });

  it("is not sent on to who has gone, and whoever takes nothing is a slow reader", async () => {
    const [gone, slow] = [new Reader(), new Reader()];
    const leaving = exchangeWith(gone).exchange.sendKept(body);
    await setImmediate();
    gone.emit("close");
    await leaving;
    assert.equal(gone.pieces.length, 1);
    const { exchange, clock } = exchangeWith(slow);
    const waiting = assert.rejects(exchange.sendKept(body), { message: "the reader takes nothing" });
    await setImmediate();
    await clock.advanceAsync(30_000);
    await waiting;
  });

  it("is only named to who asks by HEAD", async () => {
    const reader = new Reader();
    await exchangeWith(reader, "HEAD").exchange.sendKept(body);
    assert.equal(reader.headers.get("content-length"), 400_000);
  });
});
