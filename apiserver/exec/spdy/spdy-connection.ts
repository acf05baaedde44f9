import type { Duplex } from "node:stream";
import { drained } from "../../../api/exec/drained.ts";
import { channels, type ExecConnection, type ExecMessage } from "../../../api/exec/exec-connection.ts";
import { type Clock, settledWithin } from "../../../lib/clock.ts";
import { FrameSplitter } from "../../../lib/frame-splitter.ts";
import { IncomingMessages } from "../incoming-messages.ts";
import { controlFrame, dataFrame, FIN, numberIn, type SpdyFrame, SpdyReader, types } from "./frames.ts";
import { emptyHeaderBlock, HeaderBlockReader } from "./header-blocks.ts";

/** By what a client writes into the header `streamtype` of each stream that it opens. */
export const streamTypes: ReadonlyMap<string, number> = new Map([
  ["error", channels.outcome],
  ["stdin", channels.stdin],
  ["stdout", channels.stdout],
  ["stderr", channels.stderr],
  ["resize", channels.resize],
]);

/** As long as the real server waits for the streams. */
const STREAMS_MS = 30_000;
const LONGEST_LINE = 1024;
const LINE_FEED = 0x0a;

export interface SpdyOptions {
  clock: Clock;
  /** The channels for which the client opens a stream each. */
  wanted: ReadonlySet<number>;
}

/** A session over SPDY/3.1 (Kubernetes' `v4.channel.k8s.io`), as kubectl spoke it before 1.30: a stream for each channel, opened by the client. */
export class SpdyConnection implements ExecConnection {
  readonly #socket: Duplex;
  readonly #options: SpdyOptions;
  readonly #reader = new SpdyReader();
  readonly #headers = new HeaderBlockReader();
  readonly #incoming: IncomingMessages;
  readonly #streams = new Map<number, number>();
  readonly #complete = Promise.withResolvers<void>();
  /** A line of JSON each. */
  readonly #sizes = new FrameSplitter(lineSizeOf);

  constructor(socket: Duplex, options: SpdyOptions) {
    this.#socket = socket;
    this.#options = options;
    const ping = (): unknown => socket.write(controlFrame(types.ping, [2])); // Those of servers are even.
    this.#incoming = new IncomingMessages(socket, { clock: options.clock, ping });
    socket.on("data", (chunk: Buffer) => this.#hear(chunk));
    socket.on("close", () => this.#complete.resolve());
  }

  /** Resolves when all streams are open: what is sent before would be lost. False when they don't come, or the client goes. */
  async ready(): Promise<boolean> {
    const came = await settledWithin(this.#options.clock, STREAMS_MS, this.#complete.promise);
    return came && !this.#incoming.isOver;
  }

  send(channel: number, data: Uint8Array): Promise<void> | undefined {
    if (channel === channels.credit) return this.#incoming.give(data);
    const isLast = channel === channels.outcome;
    // Clients read the outputs to their end.
    if (isLast)
      for (const output of [channels.stdout, channels.stderr]) void this.#write(output, Buffer.alloc(0), true);
    return this.#write(channel, data, isLast);
  }

  messages(): AsyncIterable<ExecMessage> {
    return this.#incoming.taken();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #write(channel: number, data: Uint8Array, isLast: boolean): Promise<void> | undefined {
    const stream = this.#streamOf(channel);
    if (!this.#socket.writable || stream === undefined) return undefined;
    return this.#socket.write(dataFrame(stream, data, { isLast })) ? undefined : drained(this.#socket);
  }

  #streamOf(channel: number): number | undefined {
    for (const [stream, of] of this.#streams) if (of === channel) return stream;
    return undefined;
  }

  #hear(chunk: Buffer): void {
    if (this.#incoming.isOver) return;
    try {
      for (const frame of this.#reader.push(chunk)) this.#hearFrame(frame);
    } catch (error) {
      this.#incoming.over(error as Error);
      this.#socket.destroy();
    }
  }

  #hearFrame(frame: SpdyFrame): void {
    if (frame.kind === "data") this.#hearData(frame.stream, frame.data, frame.isLast);
    else this.#hearControl(frame.type, frame.flags, frame.data);
  }

  #hearControl(type: number, flags: number, data: Buffer): void {
    if (type === types.synStream) this.#openStream(data, flags);
    if (type === types.rstStream) this.#hearData(numberIn(data), Buffer.alloc(0), true);
    if (type === types.headers) throw new Error("a stream of a session has no further headers");
    // Who reads no answers gets none: they would pile up.
    const mayAnswer = this.#socket.writable && !this.#socket.writableNeedDrain;
    if (type === types.ping && numberIn(data) % 2 === 1 && mayAnswer) this.#socket.write(controlFrame(type, [data]));
  }

  #openStream(data: Buffer, flags: number): void {
    const stream = numberIn(data);
    const channel = streamTypes.get(this.#headers.read(data.subarray(10)).get("streamtype") ?? "");
    if (channel === undefined || !this.#options.wanted.has(channel) || this.#streamOf(channel) !== undefined)
      throw new Error("a stream that nobody asked for");
    const isFirst = this.#streams.size === 0;
    this.#streams.set(stream, channel);
    this.#socket.write(controlFrame(types.synReply, [stream, emptyHeaderBlock(isFirst)]));
    if ((flags & FIN) !== 0) this.#hearData(stream, Buffer.alloc(0), true);
    if (this.#streams.size === this.#options.wanted.size) this.#complete.resolve();
  }

  #hearData(stream: number, data: Buffer, isLast: boolean): void {
    const channel = this.#streams.get(stream);
    if (channel === channels.resize) for (const line of this.#sizes.push(data)) this.#incoming.resize(line);
    if (channel !== channels.stdin) return;
    this.#incoming.stdin(data);
    if (isLast) this.#incoming.stdinEnd();
  }
}

function lineSizeOf(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(LINE_FEED, at);
  const size = (end === -1 ? bytes.length : end) - at + 1;
  if (size > LONGEST_LINE) throw new Error("a line is too long");
  return size;
}
