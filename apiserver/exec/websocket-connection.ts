import type { Duplex } from "node:stream";
import { drained } from "../../api/exec/drained.ts";
import { channels, type ExecConnection, type ExecMessage } from "../../api/exec/exec-connection.ts";
import { type Clock, settledWithin } from "../../lib/clock.ts";
import {
  answerToClose,
  closeCodes,
  closeFrame,
  frameOf,
  opcodes,
  WebSocketError,
  WebSocketReader,
} from "../websocket/frames.ts";
import { IncomingMessages } from "./incoming-messages.ts";

/** The clients that drop what comes too early need next to nothing of it; a command that is asked of a Pod elsewhere takes about as long. */
const STREAMS_MS = 50;

export interface WebSocketOptions {
  clock: Clock;
  /** The channels of output that the client wants to hear. What comes on others is dropped. */
  wanted: ReadonlySet<number>;
}

/** A session over a WebSocket, in messages of a byte for the channel and the data (Kubernetes' `v5.channel.k8s.io` and `v4.channel.k8s.io`). */
export class WebSocketConnection implements ExecConnection {
  readonly #socket: Duplex;
  readonly #clock: Clock;
  readonly #wanted: ReadonlySet<number>;
  readonly #reader = new WebSocketReader();
  readonly #incoming: IncomingMessages;
  /** The client has said something, or has gone. */
  readonly #heard = Promise.withResolvers<void>();

  constructor(socket: Duplex, { clock, wanted }: WebSocketOptions) {
    this.#socket = socket;
    this.#clock = clock;
    this.#wanted = wanted;
    this.#incoming = new IncomingMessages(socket, { clock, ping: () => socket.write(frameOf(opcodes.ping, [])) });
    socket.on("data", (chunk: Buffer) => this.#hear(chunk));
    socket.on("close", () => this.#heard.resolve());
  }

  /**
   * Resolves when the client hears what it is told. Some, as kubectl 1.32, drop what comes before they have made their streams, also how the command ended,
   * and tell nobody when they have (kubernetes/kubernetes#131203); what they say themselves comes after that.
   */
  async ready(): Promise<void> {
    await settledWithin(this.#clock, STREAMS_MS, this.#heard.promise);
  }

  send(channel: number, data: Uint8Array): Promise<void> | undefined {
    if (channel === channels.credit) return this.#incoming.give(data);
    if (!this.#socket.writable || !this.#wanted.has(channel)) return undefined;
    return this.#socket.write(frameOf(opcodes.binary, [Buffer.of(channel), data])) ? undefined : drained(this.#socket);
  }

  messages(): AsyncIterable<ExecMessage> {
    return this.#incoming.taken();
  }

  end(): void {
    this.#socket.end(closeFrame(closeCodes.normal));
  }

  /** What says why it is closed still leaves. */
  destroy(): void {
    if (!this.#socket.writableEnded) this.#socket.destroy();
  }

  #hear(chunk: Buffer): void {
    if (this.#incoming.isOver) return;
    try {
      for (const { opcode, data } of this.#reader.push(chunk)) {
        this.#hearMessage(opcode, data);
        if (this.#incoming.isOver) return; // Nothing counts behind a close.
      }
    } catch (error) {
      this.#close(error instanceof WebSocketError ? error.code : closeCodes.protocolError);
      this.#incoming.over(error as Error);
    }
  }

  #close(code: number): void {
    this.#socket.end(closeFrame(code), () => this.#socket.destroy());
  }

  #hearMessage(opcode: number, data: Buffer): void {
    if (opcode !== opcodes.ping && opcode !== opcodes.pong) this.#heard.resolve();
    // Who reads no answers gets none: they would pile up.
    if (opcode === opcodes.ping && this.#socket.writable && !this.#socket.writableNeedDrain)
      this.#socket.write(frameOf(opcodes.pong, [data]));
    if (opcode === opcodes.close) {
      this.#close(answerToClose(data));
      this.#incoming.over();
    }
    if (opcode !== opcodes.binary && opcode !== opcodes.text) return;
    this.#take(data[0], data.subarray(1));
  }

  #take(channel: number | undefined, data: Buffer): void {
    if (channel === channels.stdin) this.#incoming.stdin(data);
    else if (channel === channels.resize) this.#incoming.resize(data);
    else if (channel !== channels.close) throw new WebSocketError(closeCodes.protocolError, "not a client's channel");
    else if (data[0] === channels.stdin) this.#incoming.stdinEnd();
  }
}
