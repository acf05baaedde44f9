import { badRequest, StatusError } from "../../api/errors.ts";
import { MAX_BODY_BYTES } from "../../api/limits.ts";
import type { HttpRequest } from "./carrier.ts";

/** We read this much more of a refused body, so that a client that still writes can read why; then we cut the connection. */
const MOST_DISCARDED = 16 * 1024 * 1024;

/** Counted while it arrives: never more than `most` bytes are kept. Rejects with RequestEntityTooLarge. */
export function readBody(request: HttpRequest, most = MAX_BODY_BYTES): Promise<Uint8Array> {
  const tooLarge = (): StatusError => {
    discard(request);
    return new StatusError("RequestEntityTooLarge", `Request entity too large: limit is ${most}`);
  };
  return new Promise((resolve, reject) => {
    if (Number(request.headers["content-length"] ?? 0) > most) return reject(tooLarge());
    const body = new Body(most);
    const onData = (chunk: Uint8Array): void => {
      if (body.take(chunk)) return;
      request.off("data", onData);
      reject(tooLarge());
    };
    request.on("data", onData);
    request.once("end", () => resolve(body.bytes()));
    request.once("error", (error) => reject(badRequest("the request body ended too early", error)));
  });
}

/** Copied together: a piece of one byte would keep all that came with it from the network, and a body may come in three million. */
class Body {
  readonly #most: number;
  #bytes = Buffer.alloc(0);
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** False when the piece would exceed the limit. */
  take(chunk: Uint8Array): boolean {
    const size = this.#size + chunk.byteLength;
    if (size > this.#most) return false;
    if (size > this.#bytes.length) this.#grow(Math.min(this.#most, Math.max(size, 2 * this.#bytes.length)));
    this.#bytes.set(chunk, this.#size);
    this.#size = size;
    return true;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  #grow(to: number): void {
    const grown = Buffer.allocUnsafeSlow(to);
    grown.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = grown;
  }
}

function discard(request: HttpRequest): void {
  let left = MOST_DISCARDED;
  request.on("data", (chunk: Uint8Array) => {
    left -= chunk.byteLength;
    if (left < 0) request.destroy();
  });
  request.on("error", () => {}); // It was refused already, so an error of the rest does not matter.
}
