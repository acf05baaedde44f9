import { type Clock, sleep } from "./clock.ts";

export interface SharedReadingOptions<T> {
  clock: Clock;
  read: () => Promise<T>;
  /** Milliseconds: who asks within this time shares one reading. The longer a reading is, the longer is this time, up to `most`. */
  pause: { least: number; most: number };
}

/** About a tenth of the time is spent on reading. */
const REST = 9;

/**
 * Something that many ask for and that costs much to read. Few readings answer, one at a time, and none is older than the question. Rejects as the
 * reading does.
 */
export class SharedReading<T> {
  readonly #options: SharedReadingOptions<T>;
  #next: Promise<T> | undefined;
  #running: Promise<unknown> = Promise.resolve();
  /** The last reading. */
  #tookMs = 0;

  constructor(options: SharedReadingOptions<T>) {
    this.#options = options;
  }

  next(): Promise<T> {
    this.#next ??= this.#soon();
    return this.#next;
  }

  async #soon(): Promise<T> {
    const { clock, pause } = this.#options;
    await this.#running;
    await sleep(clock, Math.min(Math.max(pause.least, this.#tookMs * REST), pause.most));
    this.#next = undefined; // Who asks from here on may want to know of something that this reading misses.
    const began = clock.now();
    const reading = this.#options.read();
    this.#running = reading.then(
      () => this.#took(clock.now() - began),
      () => this.#took(clock.now() - began),
    );
    return reading;
  }

  #took(ms: number): void {
    this.#tookMs = ms;
  }
}
