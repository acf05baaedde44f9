import type { Duplex } from "node:stream";
import { drained } from "../../../api/exec/drained.ts";
import type { PortSession } from "../../../api/exec/port-session.ts";
import type { Clock } from "../../../lib/clock.ts";
import { HeldReading } from "../held-reading.ts";
import { controlFrame, dataFrame, FIN, numberIn, type SpdyFrame, SpdyReader, types } from "../spdy/frames.ts";
import { emptyHeaderBlock, HeaderBlockReader } from "../spdy/header-blocks.ts";
import { ForwardedConnection } from "./forwarded-connection.ts";

/** At once, of one session. */
const MOST_CONNECTIONS = 100;
/** Bytes that wait for their ports before no more is read. */
const MOST_WAITING = 256 * 1024;

/** Frames that wait for a client that does not read. Of all connections together they are a few for each. */
const MOST_UNREAD = 1_000;

/** Why a stream is reset: nothing was done for it (draft-mbelshe-httpbis-spdy-00, 2.6.3). */
const REFUSED_STREAM = 3;

interface Pair {
  port: number;
  error?: number;
  data?: number;
  /** From when both are there. */
  connection?: ForwardedConnection;
}

export interface PortForwardOptions {
  clock: Clock;
  ports: PortSession;
  /** Called when something was read or written. */
  moved: () => void;
}

/**
 * Kubernetes' `portforward.k8s.io` over SPDY: for each connection the client opens two streams, `error` and `data`, which name its port and have one
 * `requestID`. A port that takes nothing holds up the whole session, since the protocol has no other way to let its client wait.
 */
export class PortForwardConnection {
  readonly #socket: Duplex;
  readonly #options: PortForwardOptions;
  readonly #reading: HeldReading;
  readonly #reader = new SpdyReader();
  readonly #headers = new HeaderBlockReader();
  readonly #pairs = new Map<string, Pair>();
  readonly #streams = new Map<number, string>();
  readonly #over = Promise.withResolvers<void>();
  #hasAnswered = false;
  #waiting = 0;
  #unread = 0;

  constructor(socket: Duplex, options: PortForwardOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#reading = new HeldReading(socket, {
      clock: options.clock,
      ping: () => this.#send(controlFrame(types.ping, [2])), // Those of servers are even.
    });
    socket.setMaxListeners(0); // Each connection waits for it.
    socket.on("data", (chunk: Buffer) => this.#hear(chunk));
    socket.on("end", () => socket.end());
    socket.on("error", () => {}); // Then it is closed.
    socket.on("close", () => this.#end());
  }

  /** Resolves when the client has gone or broken the protocol, or it was destroyed. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  destroy(): void {
    this.#socket.destroy();
    this.#end();
  }

  #end(): void {
    this.#reading.release();
    for (const { connection } of this.#pairs.values()) connection?.destroy();
    this.#over.resolve();
  }

  #hear(chunk: Buffer): void {
    this.#options.moved();
    try {
      for (const frame of this.#reader.push(chunk)) {
        this.#hearFrame(frame);
        if (this.#socket.destroyed) return;
      }
    } catch {
      this.destroy();
    }
  }

  #hearFrame(frame: SpdyFrame): void {
    if (frame.kind === "data") this.#hearData(frame.stream, frame.data, frame.isLast);
    else this.#hearControl(frame.type, frame.flags, frame.data);
  }

  #hearControl(type: number, flags: number, data: Buffer): void {
    if (type === types.synStream) this.#openStream(data, flags);
    if (type === types.rstStream) this.#reset(numberIn(data));
    if (type === types.headers) throw new Error("a stream of a session has no further headers");
    // Who reads no answers gets none: they would pile up.
    const mayAnswer = this.#socket.writable && !this.#socket.writableNeedDrain;
    if (type === types.ping && numberIn(data) % 2 === 1 && mayAnswer) this.#send(controlFrame(type, [data]));
  }

  #openStream(bytes: Buffer, flags: number): void {
    const stream = numberIn(bytes);
    const { type, port, id } = wantedBy(this.#headers.read(bytes.subarray(10)));
    const pair: Pair = this.#pairs.get(id) ?? { port };
    if (this.#streams.has(stream) || pair[type] !== undefined || pair.port !== port)
      throw new Error("a stream that is there already");
    if (this.#pairs.size >= MOST_CONNECTIONS && !this.#pairs.has(id)) {
      this.#send(controlFrame(types.rstStream, [stream, REFUSED_STREAM]));
      return;
    }
    pair[type] = stream;
    this.#pairs.set(id, pair);
    this.#streams.set(stream, id);
    this.#send(controlFrame(types.synReply, [stream, emptyHeaderBlock(!this.#hasAnswered)]));
    this.#hasAnswered = true;
    if (pair.error !== undefined && pair.data !== undefined) this.#begin(id, pair);
    if ((flags & FIN) !== 0) this.#hearData(stream, Buffer.alloc(0), true);
  }

  #begin(id: string, pair: Pair): void {
    const connection = new ForwardedConnection({
      send: (data) => {
        this.#options.moved();
        return this.#write(pair.data!, data);
      },
      sendEnd: () => void this.#write(pair.data!, Buffer.alloc(0), true),
      close: (why) => this.#close(id, pair, why),
      taken: (bytes) => this.#taken(bytes),
    });
    pair.connection = connection;
    void connection.carry(this.#options.ports.connect(pair.port));
  }

  #close(id: string, pair: Pair, why = ""): void {
    const message = why === "" ? "" : `error forwarding port ${pair.port}: ${why}`;
    void this.#write(pair.error!, Buffer.from(message), true);
    if (why !== "") void this.#write(pair.data!, Buffer.alloc(0), true);
    this.#forget(id, pair);
  }

  #forget(id: string, { error, data }: Pair): void {
    this.#pairs.delete(id);
    for (const stream of [error, data]) if (stream !== undefined) this.#streams.delete(stream);
  }

  #hearData(stream: number, data: Buffer, isLast: boolean): void {
    const id = this.#streams.get(stream) ?? "";
    const pair = this.#pairs.get(id);
    if (!pair || pair.data !== stream) return;
    // Clients open the other one first, as the protocol says.
    if (!pair.connection) throw new Error("data of a connection that has not begun");
    this.#waiting += data.length;
    if (this.#waiting >= MOST_WAITING) this.#reading.hold();
    pair.connection.push(data);
    if (isLast) pair.connection.end();
  }

  #taken(bytes: number): void {
    this.#waiting -= bytes;
    if (this.#waiting < MOST_WAITING) this.#reading.release();
  }

  #reset(stream: number): void {
    const id = this.#streams.get(stream) ?? "";
    const pair = this.#pairs.get(id);
    if (!pair) return;
    this.#forget(id, pair);
    pair.connection?.destroy();
  }

  #write(stream: number, data: Uint8Array, isLast = false): Promise<void> | undefined {
    if (!this.#socket.writable) return undefined;
    return this.#send(dataFrame(stream, data, { isLast })) ? undefined : drained(this.#socket);
  }

  /** Who opens and ends connections without end, and reads no answer, is given up: what he is told would fill the memory. */
  #send(frame: Buffer): boolean {
    this.#unread += 1;
    const goesOn = this.#socket.write(frame, () => (this.#unread -= 1));
    if (this.#unread > MOST_UNREAD) this.destroy();
    return goesOn;
  }
}

/** Throws for what is none of both streams. */
function wantedBy(headers: ReadonlyMap<string, string>): { type: "error" | "data"; port: number; id: string } {
  const type = headers.get("streamtype");
  const port = Number(headers.get("port"));
  const id = headers.get("requestid") ?? "";
  const isPort = Number.isInteger(port) && port > 0 && port < 65_536;
  if ((type !== "error" && type !== "data") || !isPort || id === "" || id.length > 64)
    throw new Error("a stream that nobody asked for");
  return { type, port, id };
}
