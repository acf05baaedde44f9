import assert from "node:assert/strict";
import { Readable, Writable } from "node:stream";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { channels, type ExecConnection, type ExecMessage } from "../../../api/exec/exec-connection.ts";
import type { ExecEnd, ExecSession } from "../../../api/exec/exec-session.ts";
import { serveSession } from "../../../apiserver/exec/serve-session.ts";

const MESSAGES = 1_000;

/** Sends so many messages of standard input, and takes none of the answers when it is deaf. Resolves with the credit that it was given. */
async function creditOf({ bytes, isDeaf }: { bytes: number; isDeaf: boolean }): Promise<number[]> {
  const credit: number[] = [];
  const ended = Promise.withResolvers<ExecEnd>();
  let writes = 0;
  const session: ExecSession = {
    stdin: new Writable({
      write: (_chunk, _encoding, done) => {
        writes++;
        done();
      },
    }),
    stdout: Readable.from([]),
    ended: ended.promise,
    resize: () => {},
    close: async () => {},
  };
  const connection: ExecConnection = {
    send(channel, data) {
      if (channel === channels.credit) credit.push(Buffer.from(data).readUInt32BE());
      return isDeaf ? new Promise(() => {}) : undefined;
    },
    async *messages(): AsyncGenerator<ExecMessage> {
      for (let nth = 0; nth < MESSAGES; nth++) {
        yield { channel: channels.stdin, data: Buffer.alloc(bytes) };
        await setImmediate();
      }
    },
    end: () => {},
    destroy: () => {},
  };
  await serveSession(session, connection, new AbortController().signal);
  if (bytes === 0) assert.equal(writes, 0);
  return credit;
}

describe("the credit of a session", () => {
  it("is as much as the command has read", async () => {
    const credit = await creditOf({ bytes: 100, isDeaf: false });
    assert.equal(
      credit.reduce((sum, one) => sum + one, 0),
      100 * MESSAGES,
    );
  });

  it("waits, all in one message, for a client that sends and does not read", async () => {
    assert.deepEqual(await creditOf({ bytes: 1, isDeaf: true }), [1]);
  });

  it("is none for messages without a byte, and these do not wait for the command either", async () => {
    assert.deepEqual(await creditOf({ bytes: 0, isDeaf: false }), []);
  });
});
