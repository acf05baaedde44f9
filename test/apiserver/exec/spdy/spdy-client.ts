import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import type { Duplex } from "node:stream";
import { constants, createDeflate, createInflate, type Deflate, type Inflate } from "node:zlib";
import { spdyDictionary } from "../../../../apiserver/exec/spdy/dictionary.ts";
import { controlFrame, dataFrame, type SpdyFrame, SpdyReader, types } from "../../../../apiserver/exec/spdy/frames.ts";
import type { TestServer } from "../../test-server.ts";

/** As Go's library writes them: one compressed stream, flushed after each block. */
export class HeaderWriter {
  readonly #deflate: Deflate = createDeflate({ dictionary: spdyDictionary, level: constants.Z_BEST_COMPRESSION });

  async block(headers: Record<string, string>): Promise<Buffer> {
    const parts = Object.entries(headers).flatMap(([name, value]) => [withLength(name), withLength(value)]);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(Object.keys(headers).length);
    const chunks: Buffer[] = [];
    const collect = (chunk: Buffer): number => chunks.push(chunk);
    this.#deflate.on("data", collect);
    this.#deflate.write(Buffer.concat([count, ...parts]));
    await new Promise<void>((resolve) => this.#deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    this.#deflate.off("data", collect);
    return Buffer.concat(chunks);
  }
}

function withLength(text: string): Buffer {
  const bytes = Buffer.from(`\0\0\0\0${text}`);
  bytes.writeUInt32BE(text.length);
  return bytes;
}

export const synStream = (stream: number, block: Buffer, flags = 0): Buffer =>
  controlFrame(types.synStream, [stream, 0, Buffer.from([0, 0]), block], flags);

/** What kubectl did before 1.30: SPDY over the administrator's certificate, a stream for each channel. */
export class SpdyClient {
  readonly socket: Duplex;
  readonly frames: SpdyFrame[] = [];
  isOver = false;
  readonly #writer = new HeaderWriter();
  readonly #streams = new Map<string, number>();
  #opened = 0;
  readonly #reader = new SpdyReader();

  private constructor(socket: Duplex) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("close", () => (this.isOver = true));
    socket.on("data", (chunk: Buffer) => this.frames.push(...this.#reader.push(chunk)));
  }

  /** Resolves with the refusal, when it is one. */
  static async open(
    { url, certificates: { ca, admin } }: TestServer,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<SpdyClient | { code: number; message: string }> {
    const asking = request(url + path, {
      ...{ method: "POST", ca, cert: admin.cert, key: admin.key },
      headers: {
        connection: "Upgrade",
        upgrade: "SPDY/3.1",
        "x-stream-protocol-version": "v4.channel.k8s.io, v3.channel.k8s.io",
        ...headers,
      },
    });
    asking.end();
    const upgraded = once(asking, "upgrade") as Promise<[IncomingMessage, Duplex, Buffer]>;
    const answered = once(asking, "response") as Promise<[IncomingMessage]>;
    const [response, socket] = await Promise.race([upgraded, answered]);
    if (socket) return new SpdyClient(socket);
    let text = "";
    for await (const chunk of response) text += chunk;
    return { code: response.statusCode!, message: JSON.parse(text).message };
  }

  /** Over whatever carries it. */
  static over(socket: Duplex): SpdyClient {
    return new SpdyClient(socket);
  }

  async openStreams(...names: string[]): Promise<void> {
    for (const name of names) await this.openStream(name, { streamtype: name, port: "" });
  }

  /** `name`: by which it is spoken of here. */
  async openStream(name: string, headers: Record<string, string>): Promise<void> {
    const stream = this.#opened++ * 2 + 1;
    this.#streams.set(name, stream);
    this.socket.write(synStream(stream, await this.#writer.block(headers)));
  }

  /** The number of a stream. */
  of(name: string): number {
    return this.#streams.get(name)!;
  }

  send(name: string, data: Uint8Array | string, isLast = false): boolean {
    return this.socket.write(dataFrame(this.#streams.get(name)!, Buffer.from(data), { isLast }));
  }

  /** All that came on a stream, and whether it has ended. */
  on(name: string): { text: string; isOver: boolean } {
    const frames = this.frames.flatMap((frame) =>
      frame.kind === "data" && frame.stream === this.#streams.get(name) ? [frame] : [],
    );
    return {
      text: Buffer.concat(frames.map(({ data }) => data)).toString(),
      isOver: frames.some(({ isLast }) => isLast),
    };
  }

  control(type: number): Buffer[] {
    return this.frames.flatMap((frame) => (frame.kind === "control" && frame.type === type ? [frame.data] : []));
  }
}

/** What a client's zlib makes of header blocks: all of them, as one stream that never ends. */
export async function inflated(blocks: readonly Buffer[]): Promise<Buffer> {
  const inflate: Inflate = createInflate({ dictionary: spdyDictionary });
  const chunks: Buffer[] = [];
  inflate.on("data", (chunk: Buffer) => chunks.push(chunk));
  for (const block of blocks) inflate.write(block);
  await new Promise<void>((resolve) => inflate.flush(constants.Z_SYNC_FLUSH, resolve));
  return Buffer.concat(chunks);
}
