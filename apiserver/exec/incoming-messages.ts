import type { Duplex } from "node:stream";
import { channels, type ExecMessage, FIRST_CREDIT } from "../../api/exec/exec-connection.ts";
import { ByteQueue } from "../../lib/byte-queue.ts";
import { HeldReading, type HeldReadingOptions } from "./held-reading.ts";

/** Bytes of standard input that wait to be taken before no more is read. */
const MOST_WAITING = 256 * 1024;
/** Of what says the size of a terminal. */
const LONGEST_SIZE = 1024;

/**
 * What the client of a session said and nobody has taken yet. Kubernetes' protocols know no credit: standard input beyond it waits here, and then in the
 * connection, which is not read meanwhile. Of the sizes of a terminal only the last one counts, and it waits for no input.
 */
export class IncomingMessages {
  readonly #reading: HeldReading;
  readonly #stdin = new ByteQueue();
  #isStdinOver = false;
  #isStdinEndTaken = false;
  #size: Uint8Array | undefined;
  #credit = FIRST_CREDIT;
  #isOver = false;
  /** What ended it, when that was no good end. */
  #error: Error | undefined;
  #wake: () => void = () => {};

  constructor(socket: Duplex, options: HeldReadingOptions) {
    this.#reading = new HeldReading(socket, options);
    socket.on("error", (error) => this.over(error)); // Whoever takes the messages learns of it.
    socket.on("end", () => this.over());
    socket.on("close", () => this.over());
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  stdin(data: Uint8Array): void {
    if (this.#isStdinOver) return;
    this.#stdin.push(data);
    if (this.#stdin.length >= MOST_WAITING) this.#reading.hold();
    this.#wake();
  }

  stdinEnd(): void {
    this.#isStdinOver = true;
    this.#wake();
  }

  /** Throws for what is too long to be one. */
  resize(size: Uint8Array): void {
    if (size.length > LONGEST_SIZE) throw new Error("the size of a terminal is too long");
    this.#size = Uint8Array.from(size);
    this.#wake();
  }

  /** `more`: as the message `channels.credit` says it. */
  give(more: Uint8Array): undefined {
    this.#credit += Buffer.from(more).readUInt32BE();
    this.#wake();
  }

  /** Nothing more comes; what does is read and dropped, so that the end of the client is seen. */
  over(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#reading.release();
    this.#wake();
  }

  /** To be called once. */
  async *taken(): AsyncGenerator<ExecMessage> {
    for (;;) {
      const message = this.#next();
      if (message) yield message;
      else if (this.#error) throw this.#error;
      else if (this.#isOver) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #next(): ExecMessage | undefined {
    const size = this.#size;
    this.#size = undefined;
    if (size) return { channel: channels.resize, data: size };
    if (this.#stdin.length > 0) return this.#nextInput();
    if (!this.#isStdinOver || this.#isStdinEndTaken) return undefined;
    this.#isStdinEndTaken = true;
    return { channel: channels.close, data: Uint8Array.of(channels.stdin) };
  }

  /** No more than the command has credit for. */
  #nextInput(): ExecMessage | undefined {
    if (this.#credit === 0) return undefined;
    const data = this.#stdin.take(Math.min(this.#credit, this.#stdin.length));
    this.#credit -= data.length;
    if (this.#stdin.length < MOST_WAITING) this.#reading.release();
    return { channel: channels.stdin, data };
  }
}
