import { type Backoff, backoffMs } from "../../../lib/backoff.ts";
import { type Clock, sleep } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import { listenError } from "./listen-error.ts";

const RETRY: Backoff = { initialMs: 500, factor: 2, maxMs: 15_000 };

export interface ListenerParts {
  listen: { host: string; port: number };
  /** Rejects with the system's error when the address cannot be listened at. */
  open: () => Promise<{ url: string }>;
  /** Who holds a port, as far as the system tells: `pid 12 (/usr/bin/nc) of uid 1000`. */
  holder: (port: number) => Promise<string | undefined>;
  /** The API answers. */
  opened: (url: string) => Promise<void>;
  /** It does not; said once for each new reason. */
  shut: (why: string) => void;
  clock: Clock;
  logger: Logger;
}

/**
 * Where the API is served. Whoever takes its port first takes nothing else: supervision goes on without the API, and it is opened as
 * soon as it can (decision 0020).
 */
export class ApiListener {
  readonly #parts: ListenerParts;
  readonly #stop = new AbortController();
  #trying: Promise<void> | undefined;
  #said: string | undefined;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  /** Resolves with the URL; rejects with what is wrong and what to do. */
  async open(): Promise<string> {
    const { listen, open, holder } = this.#parts;
    try {
      return (await open()).url;
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      throw listenError(listen, error, isTaken ? await holder(listen.port).catch(() => undefined) : undefined);
    }
  }

  /** Tries for ever, beside everything else. `why`: what `open` rejected with. */
  keepTrying(why: Error): void {
    this.#tell(why);
    this.#trying = this.#try().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#parts.logger.error("the API was given up", { error: String(error) });
    });
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error("the daemon is stopping"));
    await this.#trying;
  }

  async #try(): Promise<void> {
    const { clock, opened } = this.#parts;
    for (let n = 0; ; n++) {
      await sleep(clock, backoffMs(n, RETRY), this.#stop.signal);
      const url = await this.open().catch((error: Error) => this.#tell(error));
      if (url !== undefined) return opened(url);
    }
  }

  #tell({ message }: Error): undefined {
    if (message === this.#said) return;
    this.#said = message;
    this.#parts.logger.error("the API is not served, supervision goes on, trying again", { error: message });
    this.#parts.shut(message);
  }
}
