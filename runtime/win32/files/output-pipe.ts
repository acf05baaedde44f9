import type { Clock } from "../../../lib/clock.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { openPipe } from "./pipe.ts";
import { PipeReader } from "./pipe-reader.ts";

/**
 * Takes what a program prints: keeps the first bytes, and reads on without storing, so that the program is never blocked for long. A program can't turn
 * the pipe round: it is the client, so there is nobody it could impersonate.
 */
export class OutputPipe {
  /** Resolves when nobody can write any more. */
  readonly ended: Promise<void>;
  readonly #api: Winapi;
  readonly #most: number;
  readonly #reader: PipeReader;
  readonly #chunks: Buffer[] = [];
  #writer: Handle | undefined;
  #kept = 0;
  #dropped = 0;

  private constructor(parts: { api: Winapi; clock: Clock; most: number; handle: Handle; writer: Handle }) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#api = parts.api;
    this.#most = parts.most;
    this.#writer = parts.writer;
    this.ended = promise;
    this.#reader = new PipeReader({ ...parts, take: (chunk) => this.#take(chunk), ended: resolve });
  }

  /** `most`: bytes that are kept. Throws Win32Error. */
  static open(api: Winapi, clock: Clock, most: number): OutputPipe {
    const { ours, theirs } = openPipe(api, "writes");
    return new OutputPipe({ api, clock, most, handle: ours, writer: theirs });
  }

  /** The handle for the program's standard output, until `given` is called. */
  get writer(): Handle {
    return this.#writer!;
  }

  /** The program has it, or was not created: from here on we read it, and its end can be seen. */
  given(): void {
    this.#closeWriter();
    this.#reader.begin();
  }

  /** Reads at once what was printed until now: as much as the kernel keeps, and no more where somebody still writes. */
  drain(): void {
    this.#reader.drain();
  }

  text(): string {
    const text = Buffer.concat(this.#chunks).toString("utf8");
    return this.#dropped > 0 ? `${text}\n[${this.#dropped} more bytes]` : text;
  }

  close(): void {
    this.#closeWriter();
    this.#reader.close();
  }

  #closeWriter(): void {
    if (this.#writer !== undefined) this.#api.CloseHandle(this.#writer);
    this.#writer = undefined;
  }

  #take(chunk: Buffer): boolean {
    const part = chunk.subarray(0, Math.max(0, this.#most - this.#kept));
    this.#kept += part.length;
    this.#dropped += chunk.length - part.length;
    if (part.length > 0) this.#chunks.push(part);
    return true;
  }
}
