import assert from "node:assert/strict";
import { duplexPair, PassThrough, Writable } from "node:stream";
import { describe, it } from "node:test";
import { channels, type ExecConnection, FIRST_CREDIT } from "../../../api/exec/exec-connection.ts";
import type { ExecEnd } from "../../../api/exec/exec-session.ts";
import { IncomingMessages } from "../../../apiserver/exec/incoming-messages.ts";
import { serveSession } from "../../../apiserver/exec/serve-session.ts";
import { dataFrame, SpdyReader } from "../../../apiserver/exec/spdy/frames.ts";
import { opcodes, WebSocketReader } from "../../../apiserver/websocket/frames.ts";
import { collectGarbage } from "../../collect-garbage.ts";
import { eventually } from "../../eventually.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { masked } from "./websocket-client.ts";

/** Rejects unless what the work gives back keeps less than 8 MiB. What it let go of is freed beside the collection, so one look would not do. */
async function keepsLittle(work: () => unknown): Promise<void> {
  const held = (): number => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return (heapUsed + arrayBuffers) / (1024 * 1024);
  };
  const before = held();
  const result = await work();
  await eventually(() => held() - before < 8, "less than 8 MiB are kept");
  assert.notEqual(result, null); // It lives until here.
}

describe("sessions whose client sends little in much", () => {
  it("keep of one-byte frames no more than their bytes: of a message of a WebSocket", async () => {
    const reader = new WebSocketReader();
    const [first, next] = [opcodes.binary, opcodes.continuation].map((opcode) =>
      masked(opcode, Buffer.of(1), { isLast: false }),
    );
    await keepsLittle(() => {
      for (let nth = 0; nth < 400_000; nth++) for (const _ of reader.push(nth === 0 ? first! : next!)) assert.fail();
      return reader;
    });
  });

  it("and of a frame that comes byte by byte", async () => {
    const reader = new SpdyReader();
    const bytes = dataFrame(1, Buffer.alloc(400_000)).subarray(0, -1);
    await keepsLittle(() => {
      for (const byte of bytes) for (const _ of reader.push(Buffer.of(byte))) assert.fail();
      return reader;
    });
  });

  it("keep of input that nobody takes no more than its bytes, whatever came with it", async () => {
    const [socket] = duplexPair();
    const incoming = new IncomingMessages(socket, { clock: new FakeClock(new Date()), ping: () => {} });
    await keepsLittle(() => {
      for (let nth = 0; nth < 3_000; nth++) incoming.stdin(Buffer.alloc(60_000).subarray(0, 1));
      return incoming;
    });
  });

  it("and of input for a command that does not read", async () => {
    const { promise: ended } = Promise.withResolvers<ExecEnd>();
    const isDeaf = new Writable({ write: () => {} });
    const streams = { stdin: isDeaf, stdout: new PassThrough(), stderr: new PassThrough() };
    const session = { ...streams, ended, resize: () => {}, close: async () => {} };
    const allTaken = Promise.withResolvers<void>();
    const connection: ExecConnection = {
      send: () => undefined,
      async *messages() {
        for (let nth = 0; nth < FIRST_CREDIT; nth++)
          yield { channel: channels.stdin, data: nth % 20 === 0 ? Buffer.alloc(60_000).subarray(0, 1) : Buffer.of(1) };
        allTaken.resolve();
        await ended;
      },
      end: () => {},
      destroy: () => {},
    };
    await keepsLittle(async () => {
      const { signal: gone } = new AbortController();
      void serveSession(session, connection, { gone, why: () => undefined, clock: new FakeClock(new Date()) });
      await allTaken.promise;
      return session;
    });
  });
});
