import type { Duplex } from "node:stream";
import { endlessInterim, type HttpRequest, late, MOST_INTERIM } from "../transport.ts";
import { type AnswerHead, parseHead } from "./answer-head.ts";
import type { ByteSource } from "./byte-source.ts";
import { type Headers, requestHead } from "./request-head.ts";

/** As many bytes as Node's own clients read. */
const LONGEST_HEAD = 16 * 1024;
const SWITCHING = 101;

/** Sends a request, and resolves with the head of what answers it, after interim ones. */
export async function ask(
  connection: Duplex,
  source: ByteSource,
  { method, path, body }: HttpRequest,
  headers: Headers,
): Promise<AnswerHead> {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const sized = bytes === undefined ? headers : { ...headers, "content-length": String(bytes.byteLength) };
  const head = Buffer.from(requestHead(method, path, sized), "latin1");
  connection.write(bytes === undefined ? head : Buffer.concat([head, bytes]));
  for (let interim = 0; interim <= MOST_INTERIM; interim++) {
    const answer = parseHead(await source.before("\r\n\r\n", LONGEST_HEAD, "it sends headers without end"));
    if (answer.statusCode >= 200 || answer.statusCode === SWITCHING) return answer;
  }
  throw endlessInterim();
}

/** Breaks the connection when its time is over, or the signal aborts, until that is lifted. */
export class Limits {
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #abort: () => void;

  constructor(connection: Duplex, { timeoutMs, signal }: HttpRequest) {
    this.#timer = timeoutMs ? setTimeout(() => connection.destroy(late(timeoutMs)), timeoutMs) : undefined;
    this.#signal = signal;
    this.#abort = () => connection.destroy(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
    signal?.addEventListener("abort", this.#abort);
    connection.once("close", () => this.lift());
  }

  liftTime(): void {
    clearTimeout(this.#timer);
  }

  lift(): void {
    this.liftTime();
    this.#signal?.removeEventListener("abort", this.#abort);
  }
}
