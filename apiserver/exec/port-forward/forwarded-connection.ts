import type { Duplex } from "node:stream";
import { GatheredWrites } from "../gathered-writes.ts";

/** Both directions of one connection, as its client has them: a stream for the data, and one for what goes wrong. */
export interface ForwardedStreams {
  /** Resolves when the other side keeps up, or has gone. */
  send(data: Uint8Array): Promise<void> | undefined;
  /** The port has ended its side. */
  sendEnd(): void;
  /** `why`: what went wrong, for a person. Nothing more is sent after it. */
  close(why?: string): void;
  /** So many bytes have been taken by the port. */
  taken(bytes: number): void;
}

/** A connection of the client, carried to a port. */
export class ForwardedConnection {
  readonly #streams: ForwardedStreams;
  readonly #writes: GatheredWrites;
  #port: Duplex | undefined;
  #isOver = false;

  constructor(streams: ForwardedStreams) {
    this.#streams = streams;
    this.#writes = new GatheredWrites((bytes) => streams.taken(bytes));
  }

  /** What has come meanwhile waits. Never rejects; resolves when the connection has ended. */
  async carry(connecting: Promise<Duplex>): Promise<void> {
    try {
      const port = await connecting;
      this.#port = port;
      if (this.#isOver) return void port.destroy();
      this.#writes.to(port);
      for await (const chunk of port) await this.#streams.send(chunk as Buffer);
      this.#streams.sendEnd();
      this.#over();
    } catch (error) {
      this.#over((error as Error).message);
    }
  }

  push(data: Uint8Array): void {
    this.#writes.push(data);
  }

  /** The client has ended its side. */
  end(): void {
    this.#writes.end();
  }

  /** At once. */
  destroy(): void {
    this.#isOver = true;
    this.#writes.drop();
    this.#port?.destroy();
  }

  #over(why?: string): void {
    if (!this.#isOver) this.#streams.close(why);
    this.destroy();
  }
}
