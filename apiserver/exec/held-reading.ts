import type { Duplex } from "node:stream";
import type { Clock, Timer } from "../../lib/clock.ts";

/** That a client has gone while nothing is read from it is only noticed by writing to it. */
const PING_MS = 1_000;

export interface HeldReadingOptions {
  clock: Clock;
  /** Writes what a living client answers, in the words of its protocol. */
  ping: () => void;
}

/** A connection that is not read for a while, since what came is not taken. */
export class HeldReading {
  readonly #socket: Duplex;
  readonly #options: HeldReadingOptions;
  /** Runs while nothing is read. */
  #pinging: Timer | undefined;

  constructor(socket: Duplex, options: HeldReadingOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  hold(): void {
    if (this.#pinging) return;
    this.#socket.pause();
    this.#pingLater();
  }

  release(): void {
    if (!this.#pinging) return;
    this.#pinging.cancel();
    this.#pinging = undefined;
    this.#socket.resume();
  }

  #pingLater(): void {
    this.#pinging = this.#options.clock.after(PING_MS, () => {
      // What waits to be sent already tells as much.
      if (this.#socket.writable && !this.#socket.writableNeedDrain) this.#options.ping();
      this.#pingLater();
    });
  }
}
