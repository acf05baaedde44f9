import type { Duplex } from "node:stream";
import { channels, type ExecMessage, FIRST_CREDIT } from "../../api/exec/exec-connection.ts";
import type { Clock, Timer } from "../../lib/clock.ts";

/** Bytes that wait to be taken before no more is read. */
const MOST_WAITING = 256 * 1024;
/** What counts for each message beside its bytes: many empty ones must not pile up either. */
const MESSAGE_COST = 64;
/** That a client has gone while nothing is read from it is only noticed by writing to it. */
const PING_MS = 1_000;

export interface IncomingOptions {
  clock: Clock;
  /** Writes what a living client answers, in the words of its protocol. */
  ping: () => void;
}

/**
 * What the client of a session said and nobody has taken yet. Kubernetes' protocols know no credit: standard input beyond it waits here, and then in the
 * connection, which is not read meanwhile.
 */
export class IncomingMessages {
  readonly #socket: Duplex;
  readonly #options: IncomingOptions;
  #waiting: ExecMessage[] = [];
  #size = 0;
  #credit = FIRST_CREDIT;
  /** Runs while nothing is read. */
  #pinging: Timer | undefined;
  #isOver = false;
  /** What ended it, when that was no good end. */
  #error: Error | undefined;
  #wake: () => void = () => {};

  constructor(socket: Duplex, options: IncomingOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("error", (error) => this.over(error)); // Whoever takes the messages learns of it.
    socket.on("end", () => this.over());
    socket.on("close", () => this.over());
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  push(channel: number, data: Uint8Array): void {
    this.#waiting.push({ channel, data });
    this.#size += data.length + MESSAGE_COST;
    if (this.#size >= MOST_WAITING && !this.#pinging) this.#readNoMore();
    this.#wake();
  }

  /** `more`: as the message `channels.credit` says it. */
  give(more: Uint8Array): undefined {
    this.#credit += Buffer.from(more).readUInt32BE();
    this.#wake();
  }

  /** Nothing more comes. */
  over(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#pinging?.cancel();
    this.#wake();
  }

  /** To be called once. */
  async *taken(): AsyncGenerator<ExecMessage> {
    for (;;) {
      const [message] = this.#waiting;
      const isHeldUp = message?.channel === channels.stdin && message.data.length > 0 && this.#credit === 0;
      if (message && !isHeldUp) yield this.#take(message);
      else if (this.#error) throw this.#error;
      else if (this.#isOver) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Of standard input no more than the command has credit for. */
  #take(message: ExecMessage): ExecMessage {
    const { channel, data } = message;
    const isWhole = channel !== channels.stdin || data.length <= this.#credit;
    const taken = isWhole ? message : { channel, data: data.subarray(0, this.#credit) };
    if (channel === channels.stdin) this.#credit -= taken.data.length;
    if (isWhole) this.#waiting.shift();
    else this.#waiting[0] = { channel, data: data.subarray(taken.data.length) };
    this.#size -= taken.data.length + (isWhole ? MESSAGE_COST : 0);
    if (this.#size < MOST_WAITING) this.#readOn();
    return taken;
  }

  #readNoMore(): void {
    this.#socket.pause();
    this.#pinging = this.#options.clock.after(PING_MS, () => {
      if (this.#socket.writable) this.#options.ping();
      this.#readNoMore();
    });
  }

  #readOn(): void {
    if (!this.#pinging) return;
    this.#pinging.cancel();
    this.#pinging = undefined;
    this.#socket.resume();
  }
}
