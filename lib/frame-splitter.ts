import { ByteQueue } from "./byte-queue.ts";

/**
 * The bytes of the frame that begins at `at`, one at least; when there are too few to tell, how many are needed to tell more. Throws for what begins no
 * frame, or one that is too long: nothing is kept of it.
 */
export type FrameSize = (bytes: Buffer, at: number) => number;

/**
 * Cuts a stream of bytes into its frames. They are the same however the stream was cut before, and so is the error after the last of them. It keeps no more
 * than twice one frame, and its work grows with the bytes alone: pieces of one byte are as good as others.
 */
export class FrameSplitter {
  readonly #sizeOf: FrameSize;
  /** The beginning of a frame. */
  readonly #held = new ByteQueue();
  /** Bytes of it to have before it is looked at again. */
  #needed = 0;

  constructor(sizeOf: FrameSize) {
    this.#sizeOf = sizeOf;
  }

  /** To be read to its end. A frame may be a part of `chunk`: who keeps a few bytes of it keeps a copy. */
  *push(chunk: Buffer): Generator<Buffer> {
    let at = 0;
    while (this.#held.length > 0) {
      const piece = chunk.subarray(at, at + this.#needed - this.#held.length);
      at += piece.length;
      this.#held.push(piece);
      if (this.#held.length < this.#needed) return;
      this.#needed = this.#sizeOf(this.#held.bytes, 0);
      if (this.#needed <= this.#held.length) yield this.#held.take(this.#needed);
    }
    while (at < chunk.length) {
      const size = this.#sizeOf(chunk, at);
      if (size > chunk.length - at) {
        this.#held.push(chunk.subarray(at));
        this.#needed = size;
        return;
      }
      yield chunk.subarray(at, at + size);
      at += size;
    }
  }
}
