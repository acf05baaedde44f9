import type { Readable, Writable } from "node:stream";
import { StatusError } from "../../api/errors.ts";
import { channels, type ExecConnection, type ExecMessage, FIRST_CREDIT } from "../../api/exec/exec-connection.ts";
import { type ExecOutcome, outcomeOf } from "../../api/exec/exec-outcome.ts";
import { isSide } from "../../api/exec/exec-query.ts";
import type { ExecSession } from "../../api/exec/exec-session.ts";
import type { Clock } from "../../lib/clock.ts";
import { isObject } from "../../lib/json-object.ts";
import { Quiet } from "../../lib/quiet.ts";
import { GatheredWrites } from "./gathered-writes.ts";

/** A session on which nothing moves for so long ends, as the kubelet's do. */
export const IDLE_MS = 4 * 3_600_000;

export interface SessionEnds {
  /** Aborts when the client has gone, or the session is to end. */
  gone: AbortSignal;
  /** Why it is to end, for a client that is still there. */
  why: () => StatusError | undefined;
  clock: Clock;
}

/**
 * Carries one session over its connection, whatever protocol that speaks. Output goes out at the pace of the client, standard input comes in at the pace
 * of the command: neither piles up. Resolves when the outcome has been sent, which is the command's or why the session ends before it, or when the client
 * has gone. Never rejects.
 */
export async function serveSession(session: ExecSession, connection: ExecConnection, ends: SessionEnds): Promise<void> {
  const { stdout, stderr } = session;
  const quiet = new Quiet(ends.clock, IDLE_MS);
  const output = Promise.all([
    sendAll(connection, channels.stdout, stdout, quiet),
    stderr && sendAll(connection, channels.stderr, stderr, quiet),
  ]);
  const outcome = await Promise.race([
    outcomeWith(session, output),
    hear(session, connection, quiet),
    aborted(ends.gone).then(() => ends.why()?.toStatus()),
    quiet.longEnough.then(() => nothingMoved.toStatus()),
  ]);
  quiet.close();
  if (!outcome) return connection.destroy();
  void connection.send(channels.outcome, Buffer.from(JSON.stringify(outcome)));
  connection.end();
}

const nothingMoved = new StatusError("Timeout", "the session ends: nothing was read or written for four hours");

async function outcomeWith(session: ExecSession, output: Promise<unknown>): Promise<ExecOutcome> {
  try {
    const end = await session.ended;
    await output;
    return outcomeOf(end);
  } catch (error) {
    const known = error instanceof StatusError ? error : new StatusError("InternalError", String(error));
    return known.toStatus();
  }
}

async function sendAll(connection: ExecConnection, channel: number, stream: Readable, quiet: Quiet): Promise<void> {
  try {
    for await (const chunk of stream) {
      await connection.send(channel, chunk as Buffer);
      quiet.broken();
    }
  } catch {
    // What could not be read any more is lost with the command.
  }
}

/** Resolves when the client has gone, or says something that it must not. */
async function hear(session: ExecSession, connection: ExecConnection, quiet: Quiet): Promise<undefined> {
  const input = session.stdin && new Input(session.stdin, connection);
  try {
    for await (const message of connection.messages()) {
      quiet.broken();
      if (!take(message, session, input)) return undefined;
    }
  } catch {
    // It has gone without a word.
  }
  return undefined;
}

/** False for what breaks the protocol. */
function take({ channel, data }: ExecMessage, session: ExecSession, input: Input | undefined): boolean {
  switch (channel) {
    case channels.stdin:
      return input?.take(data) ?? false;
    case channels.close:
      if (data[0] === channels.stdin) input?.end();
      return true;
    case channels.resize:
      return resize(data, session);
    default:
      return false;
  }
}

/** Standard input of the command: as much of it as the client was given credit for. */
class Input {
  readonly #writes = new GatheredWrites((bytes) => this.#give(bytes));
  readonly #connection: ExecConnection;
  #credit = FIRST_CREDIT;
  /** Bytes that were taken since the client was last told. */
  #taken = 0;
  #isTelling = false;

  constructor(stdin: Writable, connection: ExecConnection) {
    this.#connection = connection;
    this.#writes.to(stdin);
  }

  take(data: Uint8Array): boolean {
    this.#credit -= data.length;
    if (this.#credit < 0) return false;
    this.#writes.push(data);
    return true;
  }

  end(): void {
    this.#writes.end();
  }

  #give(bytes: number): void {
    this.#taken += bytes;
    if (!this.#isTelling) void this.#tell();
  }

  /** At the pace of the client: who sends and never reads must not fill the memory with his credit. */
  async #tell(): Promise<void> {
    this.#isTelling = true;
    while (this.#taken > 0) {
      const more = Buffer.alloc(4);
      more.writeUInt32BE(this.#taken);
      this.#credit += this.#taken;
      this.#taken = 0;
      await this.#connection.send(channels.credit, more);
    }
    this.#isTelling = false;
  }
}

function resize(data: Uint8Array, session: ExecSession): boolean {
  let size: unknown;
  try {
    size = JSON.parse(Buffer.from(data).toString("utf8"));
  } catch {
    return false;
  }
  const { Width: columns, Height: rows } = isObject(size) ? size : {};
  if (columns === 0 || rows === 0) return true; // What kubectl says of a terminal that knows no size.
  if (!isSide(columns) || !isSide(rows)) return false;
  session.resize({ columns, rows });
  return true;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
