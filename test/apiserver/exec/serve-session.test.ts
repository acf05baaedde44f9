import assert from "node:assert/strict";
import { type PassThrough, Readable, Writable } from "node:stream";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { StatusError } from "../../../api/errors.ts";
import { channels, type ExecConnection, type ExecMessage } from "../../../api/exec/exec-connection.ts";
import type { ExecEnd, ExecSession } from "../../../api/exec/exec-session.ts";
import { serveSession } from "../../../apiserver/exec/serve-session.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { FakeSession } from "../fake-session.ts";

const MESSAGES = 1_000;

/** Nothing ends the session but itself. */
const calm = () => ({ gone: new AbortController().signal, why: () => undefined, clock: new FakeClock(new Date()) });

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
  await serveSession(session, connection, calm());
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

describe("a session that never ends by itself", () => {
  const HOURS = 3_600_000;
  /** What the client is told at the end; undefined: nothing, its connection is cut. */
  const open = (said: AsyncIterable<ExecMessage>) => {
    const session = new FakeSession();
    const gone = new AbortController();
    const clock = new FakeClock(new Date());
    let why: StatusError | undefined;
    const end = Promise.withResolvers<{ message?: string } | undefined>();
    const connection: ExecConnection = {
      send: (channel, data) => void (channel === channels.outcome && end.resolve(JSON.parse(String(data)))),
      messages: () => said,
      end: () => {},
      destroy: () => end.resolve(undefined),
    };
    void serveSession(session, connection, { gone: gone.signal, why: () => why, clock });
    const endFor = (reason: StatusError | undefined): void => {
      why = reason;
      gone.abort();
    };
    return { session, clock, endFor, told: end.promise };
  };
  async function* nothing(): AsyncGenerator<ExecMessage> {
    await new Promise(() => {});
  }

  it("ends when nothing was read or written for four hours, and its client is told", async () => {
    let speak: () => void = () => {};
    async function* once(): AsyncGenerator<ExecMessage> {
      await new Promise<void>((resolve) => (speak = resolve));
      yield { channel: channels.resize, data: Buffer.from('{"Width":1,"Height":1}') };
      await new Promise(() => {});
    }
    const { session, clock, told } = open(once());
    let isOver = false;
    void told.then(() => (isOver = true));
    await clock.advanceAsync(3 * HOURS);
    speak();
    await setImmediate();
    await clock.advanceAsync(3 * HOURS);
    (session.stdout as PassThrough).write("still here");
    await setImmediate();
    await clock.advanceAsync(4 * HOURS - 1);
    assert.equal(isOver, false);
    await clock.advanceAsync(1);
    assert.match((await told)?.message ?? "", /nothing was read or written for four hours/);
  });

  it("ends when the server says so, and its client is told why, or that it ends when nobody is there any more", async () => {
    const asked = open(nothing());
    asked.endFor(new StatusError("Forbidden", "he may not any more"));
    assert.equal((await asked.told)?.message, "he may not any more");
    const lost = open(nothing());
    lost.endFor(undefined);
    assert.equal(await lost.told, undefined);
  });
});
