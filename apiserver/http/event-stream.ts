import type { Clock } from "../../lib/clock.ts";

/** Where it goes: a response, or a connection that has become a WebSocket. */
export interface StreamBody {
  /** False: wait for `drain`. */
  write(chunk: string | Uint8Array): boolean;
  end(): unknown;
  on(event: "drain" | "close", listener: () => void): unknown;
  once(event: "close", listener: () => void): unknown;
  off(event: "drain" | "close", listener: () => void): unknown;
}

/** A reader this late is dropped. */
const LONGEST_STALL_MS = 30_000;
/** How long the last bytes may take. */
const LONGEST_END_MS = 5_000;

/** The reader's fault: the connection is cut, and the log says nothing. */
export class SlowReader extends Error {}

/**
 * A reply that goes on for long, at the pace of its reader: whoever writes waits while the connection is full, so nothing piles up here
 * (what is upstream is bounded by the Store). Rejects with SlowReader when the reader takes nothing for 30 s.
 */
export class EventStream {
  readonly #response: StreamBody;
  readonly #clock: Clock;
  readonly #cut: () => void;
  #isClosed = false;

  constructor(response: StreamBody, clock: Clock, cut: () => void) {
    this.#response = response;
    this.#clock = clock;
    this.#cut = cut;
    response.once("close", () => {
      this.#isClosed = true;
    });
  }

  /** A promise: it must be waited for before the next one. */
  write(chunk: string | Uint8Array): Promise<void> | undefined {
    if (this.#isClosed || this.#response.write(chunk)) return undefined;
    return this.#drained();
  }

  /** Ends in good order: what was written arrives, or the connection is cut. */
  end(): void {
    const response = this.#response;
    const timer = this.#clock.after(LONGEST_END_MS, this.#cut);
    response.once("close", () => timer.cancel());
    response.end();
  }

  #drained(): Promise<void> {
    const response = this.#response;
    return new Promise((resolve, reject) => {
      const done = (): void => {
        timer.cancel();
        response.off("drain", done);
        response.off("close", done);
        resolve();
      };
      const timer = this.#clock.after(LONGEST_STALL_MS, () => {
        reject(new SlowReader("the reader takes nothing"));
        done();
      });
      response.on("drain", done);
      response.on("close", done);
    });
  }
}
