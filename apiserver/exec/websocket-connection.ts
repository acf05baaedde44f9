import type { Duplex } from "node:stream";
import { drained } from "../../api/exec/drained.ts";
import { channels, type ExecConnection, type ExecMessage, FIRST_CREDIT } from "../../api/exec/exec-connection.ts";
import type { Clock, Timer } from "../../lib/clock.ts";
import { closeCodes, closeFrame, frameOf, opcodes, WebSocketError, WebSocketReader } from "./websocket-frames.ts";

/** Bytes that wait to be taken before no more is read. */
const MOST_WAITING = 256 * 1024;
/** What counts for each message beside its bytes: many empty ones must not pile up either. */
const MESSAGE_COST = 64;
/** That a client has gone while nothing is read from it is only noticed by writing to it. */
const PING_MS = 1_000;

export interface WebSocketOptions {
  clock: Clock;
  /** The channels of output that the client wants to hear. What comes on others is dropped. */
  wanted: ReadonlySet<number>;
}

/**
 * A session over a WebSocket, in messages of a byte for the channel and the data (Kubernetes' `v5.channel.k8s.io` and `v4.channel.k8s.io`). These know
 * no credit: what the client sends beyond it waits here, and then in the connection.
 */
export class WebSocketConnection implements ExecConnection {
  readonly #socket: Duplex;
  readonly #wanted: ReadonlySet<number>;
  readonly #reader = new WebSocketReader();
  readonly #clock: Clock;
  /** Runs while nothing is read. */
  #ping: Timer | undefined;
  #waiting: ExecMessage[] = [];
  #size = 0;
  #credit = FIRST_CREDIT;
  #isOver = false;
  /** What ended it, when that was no good end. */
  #error: Error | undefined;
  #wake: () => void = () => {};

  constructor(socket: Duplex, { clock, wanted }: WebSocketOptions) {
    this.#socket = socket;
    this.#wanted = wanted;
    this.#clock = clock;
    socket.on("error", (error) => this.#over(error)); // Whoever reads the messages learns of it.
    socket.on("end", () => this.#over());
    socket.on("close", () => this.#over());
    socket.on("data", (chunk: Buffer) => this.#hear(chunk));
  }

  send(channel: number, data: Uint8Array): Promise<void> | undefined {
    if (channel === channels.credit) return this.#give(data);
    if (!this.#socket.writable || !this.#wanted.has(channel)) return undefined;
    return this.#socket.write(frameOf(opcodes.binary, [Buffer.of(channel), data])) ? undefined : drained(this.#socket);
  }

  async *messages(): AsyncGenerator<ExecMessage> {
    for (;;) {
      const [message] = this.#waiting;
      const isHeldUp = message?.channel === channels.stdin && message.data.length > 0 && this.#credit === 0;
      if (message && !isHeldUp) yield this.#take(message);
      else if (this.#error) throw this.#error;
      else if (this.#isOver) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  end(): void {
    this.#ping?.cancel();
    this.#socket.end(closeFrame(closeCodes.normal));
  }

  destroy(): void {
    this.#ping?.cancel();
    this.#socket.destroy();
  }

  #give(data: Uint8Array): undefined {
    this.#credit += Buffer.from(data).readUInt32BE();
    this.#wake();
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

  #hear(chunk: Buffer): void {
    if (this.#isOver) return;
    try {
      for (const { opcode, data } of this.#reader.push(chunk)) this.#hearMessage(opcode, data);
    } catch (error) {
      const code = error instanceof WebSocketError ? error.code : closeCodes.protocolError;
      this.#socket.end(closeFrame(code));
      this.#over(error as Error);
    }
    if (this.#size >= MOST_WAITING && !this.#ping) this.#readNoMore();
    this.#wake();
  }

  #hearMessage(opcode: number, data: Buffer): void {
    // Who reads no answers gets none: they would pile up.
    if (opcode === opcodes.ping && this.#socket.writable && !this.#socket.writableNeedDrain)
      this.#socket.write(frameOf(opcodes.pong, [data]));
    if (opcode === opcodes.close) this.#over();
    if (opcode !== opcodes.binary && opcode !== opcodes.text) return;
    const [channel] = data;
    if (channel === undefined) throw new WebSocketError(closeCodes.protocolError, "a message names no channel");
    this.#waiting.push({ channel, data: data.subarray(1) });
    this.#size += data.length - 1 + MESSAGE_COST;
  }

  #readNoMore(): void {
    this.#socket.pause();
    this.#ping = this.#clock.after(PING_MS, () => {
      if (this.#socket.writable) this.#socket.write(frameOf(opcodes.ping, []));
      this.#readNoMore();
    });
  }

  #readOn(): void {
    if (!this.#ping) return;
    this.#ping.cancel();
    this.#ping = undefined;
    this.#socket.resume();
  }

  #over(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#ping?.cancel();
    this.#wake();
  }
}
