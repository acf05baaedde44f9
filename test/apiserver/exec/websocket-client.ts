import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import type { Duplex } from "node:stream";
import type { Certificates } from "../../../apiserver/pki/certificates.ts";
import { acceptOf, opcodes } from "../../../apiserver/websocket/frames.ts";
import type { TestServer } from "../test-server.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** A frame as clients send them: masked. */
export function masked(opcode: number, data: Uint8Array, { isLast = true } = {}): Buffer {
  const extended = data.length < 126 ? 0 : data.length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + extended);
  head[0] = (isLast ? 0x80 : 0) | opcode;
  head[1] = 0x80 | (extended === 0 ? data.length : extended === 2 ? 126 : 127);
  if (extended === 2) head.writeUInt16BE(data.length, 2);
  if (extended === 8) head.writeBigUInt64BE(BigInt(data.length), 2);
  const mask = Buffer.from([1, 2, 3, 4]);
  const bytes = Buffer.from(data);
  for (let index = 0; index < bytes.length; index++) bytes[index]! ^= mask[index % 4]!;
  return Buffer.concat([head, mask, bytes]);
}

/** What kubectl does: a WebSocket over the administrator's certificate. */
export class WebSocketClient {
  readonly socket: Duplex;
  readonly protocol: string | undefined;
  /** What came: a message of the server, or the code of its close. */
  readonly heard: { opcode: number; data: Buffer }[] = [];
  isOver = false;
  #bytes = Buffer.alloc(0);

  private constructor(socket: Duplex, head: Buffer, response: IncomingMessage) {
    assert.equal(response.headers["sec-websocket-accept"], acceptOf(KEY));
    this.socket = socket;
    this.protocol = response.headers["sec-websocket-protocol"];
    socket.on("error", () => {});
    socket.on("close", () => (this.isOver = true));
    socket.on("data", (chunk: Buffer) => this.#hear(chunk));
    if (head.length > 0) this.#hear(head);
  }

  /** Resolves with the refusal, when it is one. */
  static async open(
    {
      url,
      certificates: { ca, admin },
    }: Pick<TestServer, "url"> & { certificates: Pick<Certificates, "ca" | "admin"> },
    path: string,
    headers: Record<string, string> = {},
  ): Promise<WebSocketClient | { code: number; message: string }> {
    const asking = request(url + path, {
      ...{ ca, cert: admin.cert, key: admin.key },
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": KEY,
        "sec-websocket-protocol": "v5.channel.k8s.io",
        ...headers,
      },
    });
    asking.end();
    const upgraded = once(asking, "upgrade") as Promise<[IncomingMessage, Duplex, Buffer]>;
    const answered = once(asking, "response") as Promise<[IncomingMessage]>;
    const [response, socket, head] = await Promise.race([upgraded, answered]);
    if (socket && head) return new WebSocketClient(socket, head, response);
    let text = "";
    for await (const chunk of response) text += chunk;
    return { code: response.statusCode!, message: JSON.parse(text).message };
  }

  send(channel: number, data: Uint8Array | string = ""): boolean {
    return this.socket.write(masked(opcodes.binary, Buffer.concat([Buffer.of(channel), Buffer.from(data)])));
  }

  /** All that came on a channel, as text. */
  on(channel: number): string {
    const messages = this.heard.filter(({ opcode, data }) => opcode === opcodes.binary && data[0] === channel);
    return Buffer.concat(messages.map(({ data }) => data.subarray(1))).toString();
  }

  #hear(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      if (this.#bytes.length < 2) return;
      assert.equal(this.#bytes[1]! & 0x80, 0, "a server masks nothing");
      const short = this.#bytes[1]! & 0x7f;
      const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
      if (this.#bytes.length < 2 + extended) return;
      const length =
        extended === 0 ? short : extended === 2 ? this.#bytes.readUInt16BE(2) : Number(this.#bytes.readBigUInt64BE(2));
      const end = 2 + extended + length;
      if (this.#bytes.length < end) return;
      this.heard.push({ opcode: this.#bytes[0]! & 0x0f, data: this.#bytes.subarray(2 + extended, end) });
      this.#bytes = this.#bytes.subarray(end);
    }
  }
}
