import type { Duplex } from "node:stream";

/** The connection ended where it must not: in Node's words, so that both transports say the same of it. */
export const cutShort = (): Error => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });

/** What a connection says, taken as it is wanted, so that the other end can't make us keep more. */
export class ByteSource {
  readonly #connection: Duplex;
  readonly #wake = (): void => this.#onNews();
  readonly #fail = (error: Error): void => {
    this.#error = error;
    this.#onNews();
  };
  #error: Error | undefined;
  #kept: Buffer = Buffer.alloc(0);
  #isUnheard = true;
  #onNews: () => void = () => {};

  constructor(connection: Duplex) {
    this.#connection = connection;
    for (const event of ["readable", "end", "close"]) connection.on(event, this.#wake);
    connection.on("error", this.#fail);
  }

  /** Not one byte has come. */
  get isUnheard(): boolean {
    return this.#isUnheard;
  }

  /** Up to `most` bytes, as soon as there are any; undefined at the end. Rejects with what broke the connection. */
  async some(most: number): Promise<Buffer | undefined> {
    const found = this.#kept.length > 0 ? this.#kept : await this.#next();
    this.#kept = found?.subarray(most) ?? Buffer.alloc(0);
    return found?.subarray(0, most);
  }

  /** All before `mark`, which is passed over. Rejects when that is more than `most` bytes (then `otherwise` says what it was), or the connection ends before it. */
  async before(mark: string, most: number, otherwise: string): Promise<string> {
    for (;;) {
      const at = this.#kept.indexOf(mark);
      if (at > most || (at < 0 && this.#kept.length >= most + mark.length)) throw new Error(otherwise);
      if (at >= 0) {
        const found = this.#kept.toString("latin1", 0, at);
        this.#kept = this.#kept.subarray(at + mark.length);
        return found;
      }
      const more = await this.#next();
      if (!more) throw cutShort();
      this.#kept = this.#kept.length === 0 ? more : Buffer.concat([this.#kept, more]);
    }
  }

  /** The connection is its reader's again, with all that was not taken. */
  release(): void {
    for (const event of ["readable", "end", "close"]) this.#connection.off(event, this.#wake);
    this.#connection.off("error", this.#fail);
    if (this.#kept.length > 0) this.#connection.unshift(this.#kept);
  }

  async #next(): Promise<Buffer | undefined> {
    for (;;) {
      const chunk: Buffer | null = this.#connection.read();
      if (chunk !== null) {
        this.#isUnheard = false;
        return chunk;
      }
      if (this.#error) throw this.#error;
      if (this.#connection.readableEnded || this.#connection.destroyed) return undefined;
      await new Promise<void>((resolve) => {
        this.#onNews = resolve;
      });
    }
  }
}
