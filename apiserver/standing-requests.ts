import type { StatusError } from "../api/errors.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import type { Exchange } from "./http/exchange.ts";

/** Never rejects. */
type Refusal = () => Promise<StatusError | undefined>;

const ASK_AGAIN_MS = 10_000;

/** Watches, followed logs and sessions, which may outlive what allowed them: whoever has lost his right to one loses it too, within ten seconds. */
export class StandingRequests {
  readonly #clock: Clock;
  readonly #refusals = new Map<Exchange, Refusal>();
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `refusal`: why the request would be refused now. */
  add(exchange: Exchange, refusal: Refusal): void {
    this.#refusals.set(exchange, refusal);
    void exchange.over.then(() => this.#refusals.delete(exchange));
    this.#timer ??= this.#askLater();
  }

  #askLater(): Timer | undefined {
    return this.#refusals.size === 0 ? undefined : this.#clock.after(ASK_AGAIN_MS, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    for (const [exchange, refusal] of this.#refusals) {
      const why = await refusal();
      if (!why) continue;
      this.#refusals.delete(exchange);
      exchange.end(why);
    }
    this.#timer = this.#askLater();
  }
}
