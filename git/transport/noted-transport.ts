import { GitError } from "../git-error.ts";
import { LineCount } from "./line-count.ts";
import type { Transport, TransportAnswer, TransportRequest } from "./transport.ts";

/** Keeps why a conversation failed: the library takes an answer that breaks for one that ends, and half a list of refs for a whole one. */
export class NotedTransport implements Transport {
  readonly #inner: Transport;
  #failure: GitError | undefined;

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  get url(): string {
    return this.#inner.url;
  }

  /** Of any request until now. */
  get failure(): GitError | undefined {
    return this.#failure;
  }

  async request(request: TransportRequest): Promise<TransportAnswer> {
    try {
      const answer = await this.#inner.request(request);
      return { ...answer, body: this.#noted(answer.body) };
    } catch (error) {
      throw this.#note(error);
    }
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async *#noted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const lines = new LineCount();
    try {
      for await (const chunk of body) {
        lines.add(chunk);
        yield chunk;
      }
    } catch (error) {
      throw this.#note(error);
    }
  }

  #note(error: unknown): unknown {
    if (error instanceof GitError) this.#failure ??= error;
    return error;
  }
}
