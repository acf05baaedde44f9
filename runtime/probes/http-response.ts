import { type BodyReader, bodyReader } from "./http-body.ts";
import { Cut, Malformed } from "./http-faults.ts";
import { ResponseHead } from "./http-head.ts";
import { LineReader } from "./line-reader.ts";

/** As Go's Transport: a longer head is no answer. The head is counted, not kept. */
const MAX_HEAD = 10 * 1024 * 1024;
const MAX_INFORMATIONAL = 5;

export interface Answer {
  status: number;
  location: string | undefined;
  body: string;
}

/**
 * Reads one answer to a GET from the bytes of a connection, and accepts what kubelet accepts (Go's `net/http`, `ReadResponse` and `readTransfer`): lines that
 * end in LF, heads of up to 10 MiB, a length that is said twice, a length beside chunks, a body where there can be none. Bodies are read up to
 * `maxBody` bytes; what is longer is cut off and no fault.
 */
export class ResponseReader {
  readonly #maxBody: number;
  readonly #lines = new LineReader();
  #headBytes = 0;
  #informational = 0;
  #head: ResponseHead | undefined;
  #body: BodyReader | undefined;
  #isOver = false;

  constructor(maxBody: number) {
    this.#maxBody = maxBody;
  }

  /** The answer once it is complete. */
  get answer(): Answer | undefined {
    return this.#isOver ? this.soFar : undefined;
  }

  /** The answer as soon as its head was read. */
  get soFar(): Answer | undefined {
    if (!this.#head || !(this.#isOver || this.#body)) return undefined;
    return { status: this.#head.status, location: this.#head.location, body: this.#body?.text ?? "" };
  }

  /** Throws Malformed. What comes after the answer is not looked at. */
  feed(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0 && !this.#body && !this.#isOver) {
      const { line, rest: after } = this.#lines.take(rest);
      this.#headBytes += rest.length - after.length;
      if (this.#headBytes > MAX_HEAD) {
        throw new Malformed(`net/http: server response headers exceeded ${MAX_HEAD} bytes; aborted`);
      }
      rest = after;
      if (line !== undefined) this.#takeLine(line);
    }
    if (this.#body?.feed(rest)) this.#isOver = true;
  }

  /** The other side will send no more. Throws Cut when something is missing. */
  end(): void {
    if (this.#isOver) return;
    if (!this.#body) throw new Cut(this.#headBytes === 0 ? "EOF" : "unexpected EOF");
    if (!this.#body.endsWithConnection) throw new Cut("unexpected EOF");
    this.#isOver = true;
  }

  #takeLine(line: string): void {
    if (!this.#head) this.#head = new ResponseHead(line);
    else if (line !== "") this.#head.add(line);
    else this.#endOfHead(this.#head);
  }

  #endOfHead(head: ResponseHead): void {
    if (head.status >= 100 && head.status < 200 && head.status !== 101) {
      this.#informational += 1;
      if (this.#informational > MAX_INFORMATIONAL) {
        throw new Malformed("net/http: too many 1xx informational responses");
      }
      this.#head = undefined;
      return;
    }
    const framing = head.framing();
    if (framing === "none") this.#isOver = true;
    else this.#body = bodyReader(framing, this.#maxBody);
  }
}
