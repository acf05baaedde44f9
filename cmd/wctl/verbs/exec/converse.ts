import type { Readable } from "node:stream";
import { channels, type ExecConnection, FIRST_CREDIT } from "../../../../api/exec/exec-connection.ts";
import { isObject, type JsonObject } from "../../../../lib/json-object.ts";
import type { Output } from "../../output/output.ts";

export interface Streams {
  /** What is sent; absent: nothing. */
  input: Readable | undefined;
  out: Output;
  err: Output;
}

/** The client's side of a session, to what the server says of the outcome; undefined when the connection ended before. */
export async function converse(connection: ExecConnection, streams: Streams): Promise<JsonObject | undefined> {
  const credit = new Credit(FIRST_CREDIT);
  if (streams.input) void send(connection, streams.input, credit);
  try {
    for await (const { channel, data } of connection.messages()) {
      if (channel === channels.stdout) await streams.out.write(data);
      else if (channel === channels.stderr) await streams.err.write(data);
      else if (channel === channels.credit) credit.add(Buffer.from(data).readUInt32BE());
      else if (channel === channels.outcome) return outcomeFrom(Buffer.from(data).toString("utf8"));
    }
  } catch {
    // The connection broke, or what came was no message: neither tells how the command ended.
  }
  return undefined;
}

function outcomeFrom(text: string): JsonObject | undefined {
  const outcome: unknown = JSON.parse(text);
  return isObject(outcome) ? outcome : undefined;
}

/** Never rejects: what cannot be read any more has ended. */
async function send(connection: ExecConnection, input: Readable, credit: Credit): Promise<void> {
  try {
    for await (const chunk of input) {
      for (let left: Uint8Array = chunk; left.length > 0; ) {
        const piece = left.subarray(0, await credit.take(left.length));
        await connection.send(channels.stdin, piece);
        left = left.subarray(piece.length);
      }
    }
  } finally {
    void connection.send(channels.close, Uint8Array.of(channels.stdin));
  }
}

/** How many bytes the other side still takes. */
class Credit {
  #left: number;
  #waiting: (() => void) | undefined;

  constructor(left: number) {
    this.#left = left;
  }

  add(bytes: number): void {
    this.#left += bytes;
    this.#waiting?.();
  }

  /** Resolves with how many may be sent, at least one; for one caller at a time. */
  async take(wanted: number): Promise<number> {
    while (this.#left === 0) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    const taken = Math.min(wanted, this.#left);
    this.#left -= taken;
    return taken;
  }
}
