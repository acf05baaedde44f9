import type { Duplex } from "node:stream";
import type { HttpAnswer } from "../transport.ts";
import { quiet } from "../transport.ts";
import type { AnswerHead } from "./answer-head.ts";

interface Rest {
  by: string;
  body: AsyncIterable<Uint8Array>;
  silenceMs: number | undefined;
}

/** An answer by the door. Its connection ends with it. */
export class DoorAnswer implements HttpAnswer {
  readonly statusCode: number;
  readonly headers: HttpAnswer["headers"];
  readonly headersDistinct: HttpAnswer["headersDistinct"];
  readonly by: string;
  complete = false;
  readonly #connection: Duplex;
  readonly #body: AsyncIterable<Uint8Array>;
  readonly #silenceMs: number | undefined;

  /** `by`: the door's name; `silenceMs`: the longest time between two pieces of the body. */
  constructor(connection: Duplex, head: AnswerHead, { by, body, silenceMs }: Rest) {
    const { statusCode, headers } = head;
    this.by = by;
    this.statusCode = statusCode;
    this.headers = {
      "content-encoding": headers.get("content-encoding")?.join(", "),
      "retry-after": headers.get("retry-after")?.[0],
    };
    this.headersDistinct = { warning: headers.get("warning") };
    this.#connection = connection;
    this.#body = body;
    this.#silenceMs = silenceMs || undefined;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const ms = this.#silenceMs;
    const silence = ms === undefined ? undefined : setTimeout(() => this.#connection.destroy(quiet(ms)), ms);
    try {
      for await (const piece of this.#body) {
        silence?.refresh();
        yield piece;
      }
      this.complete = true;
    } finally {
      clearTimeout(silence);
      this.#connection.destroy();
    }
  }

  destroy(): void {
    this.#connection.destroy();
  }
}
