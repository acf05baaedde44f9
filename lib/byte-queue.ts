const LEAST_ROOM = 256;

/** Bytes in the order they came, in one piece of memory: what it takes depends on how many they are, and not on the pieces they came in. */
export class ByteQueue {
  #memory = Buffer.alloc(0);
  #from = 0;
  #to = 0;

  get length(): number {
    return this.#to - this.#from;
  }

  /** Keeps a copy. */
  push(bytes: Uint8Array): void {
    if (this.#to + bytes.length > this.#memory.length) this.#makeRoom(bytes.length);
    this.#memory.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  /** All of them, until the next `push`. */
  get bytes(): Buffer {
    return this.#memory.subarray(this.#from, this.#to);
  }

  /** The first `count`, which leave the queue. */
  take(count = this.length): Buffer {
    if (count >= this.length) return this.#takeAll();
    const taken = Buffer.from(this.#memory.subarray(this.#from, this.#from + count));
    this.#from += count;
    return taken;
  }

  /** With its memory: who is idle keeps none. */
  #takeAll(): Buffer {
    const { bytes } = this;
    this.#memory = Buffer.alloc(0);
    [this.#from, this.#to] = [0, 0];
    return bytes;
  }

  /** At least as much again as is there, so that each byte is moved a few times at most. */
  #makeRoom(count: number): void {
    const { bytes } = this;
    const needed = 2 * (bytes.length + count);
    if (needed > this.#memory.length) this.#memory = Buffer.allocUnsafeSlow(Math.max(needed, LEAST_ROOM));
    this.#memory.set(bytes);
    [this.#from, this.#to] = [0, bytes.length];
  }
}
