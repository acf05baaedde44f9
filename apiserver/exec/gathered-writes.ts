import type { Writable } from "node:stream";
import { ByteQueue } from "../../lib/byte-queue.ts";

/** Writes to a stream at its pace. What waits meanwhile is one piece of memory, however small the pieces were in which it came. */
export class GatheredWrites {
  readonly #written: (bytes: number) => void;
  readonly #waiting = new ByteQueue();
  #stream: Writable | undefined;
  #isWriting = false;
  #isOver = false;

  /** `written`: called when so many bytes have been taken, or are lost, for what nobody takes any more goes nowhere, as in a pipe of a shell. */
  constructor(written: (bytes: number) => void) {
    this.#written = written;
  }

  /** Until it is called, everything waits. */
  to(stream: Writable): void {
    this.#stream = stream;
    stream.on("error", () => {});
    this.#write();
  }

  push(data: Uint8Array): void {
    if (this.#isOver || this.#stream?.destroyed) {
      this.#written(data.length);
      return;
    }
    this.#waiting.push(data);
    this.#write();
  }

  /** The stream ends behind what waits. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#write();
  }

  /** What waits is lost. */
  drop(): void {
    this.#isOver = true;
    this.#written(this.#waiting.take().length);
  }

  #write(): void {
    if (this.#isWriting || !this.#stream) return;
    const data = this.#waiting.take();
    if (data.length === 0) return void (this.#isOver && this.#stream.end());
    this.#isWriting = true;
    this.#stream.write(data, () => {
      this.#isWriting = false;
      this.#written(data.length);
      this.#write();
    });
  }
}
