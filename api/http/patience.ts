/** As client-go's clients: so often one request is sent again. */
const MOST_RETRIES = 10;
/** All waits of one request together. A server that names a longer time is not waited for. */
const LONGEST_WAIT_MS = 60_000;

/** When a request that a server has turned away may be sent again: one of these for each request. */
export class Patience {
  #retries = 0;
  #leftMs: number;

  /** `limitMs`: how long the whole request may take, if that is less. */
  constructor(limitMs = LONGEST_WAIT_MS) {
    this.#leftMs = Math.min(limitMs, LONGEST_WAIT_MS);
  }

  /**
   * For how long, in ms. Undefined: the refusal stands. As client-go does, this asks for a status of 429 or from 500 on, and a `Retry-After` in whole seconds
   * (RFC 9110, section 10.2.3): who names a time has not begun with the request.
   */
  waitMs(code: number, retryAfter: string | undefined): number | undefined {
    if ((code !== 429 && code < 500) || !/^\d+$/.test(retryAfter ?? "")) return undefined;
    const ms = Number(retryAfter) * 1000;
    if (this.#retries === MOST_RETRIES || ms > this.#leftMs) return undefined;
    this.#retries++;
    this.#leftMs -= ms;
    return ms;
  }
}
