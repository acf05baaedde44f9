import type { PortOwner } from "../ports/port-owner.ts";
import type { ProbeAction } from "./probe-action.ts";
import { failure } from "./probe-results.ts";
import type { ProbeResult } from "./prober.ts";

/** The program may have opened its port anew between two looks; then it is asked once more. */
const TRIES = 2;

/**
 * A probe that nobody else can answer: before and after the answer the same sockets listen at the port, and all of them are of the instance's tree.
 * A stranger who took the port first, or for a moment, makes it fail, and is not even asked when he was seen before. Where the system does not show
 * whose the port is, the answer counts, and a warning says so once.
 */
export class OwnPortProbe implements ProbeAction {
  readonly #action: ProbeAction;
  readonly #port: number;
  readonly #look: () => Promise<PortOwner>;
  /** At the last success: nothing else can have listened since, if these are there after the next answer too. */
  #sockets: string | undefined;
  #warned = false;

  constructor(action: ProbeAction, port: number, look: () => Promise<PortOwner>) {
    this.#action = action;
    this.#port = port;
    this.#look = look;
  }

  async run(signal: AbortSignal): Promise<ProbeResult> {
    let before: PortOwner = this.#sockets === undefined ? await this.#look() : { by: "own", sockets: this.#sockets };
    this.#sockets = undefined;
    for (let tries = 1; ; tries++) {
      if (before.by === "other") return this.#foreign(before.who);
      const result = await this.#action.run(signal);
      if (result.outcome !== "success") return result;
      const after = await this.#look();
      if (after.by === "other") return this.#foreign(after.who);
      if (after.by === "unknown") return this.#unseen(result, after.why);
      if (after.by === "nobody") return failure(`${this.#port} was answered, and nobody listens there any more`);
      if (before.by === "own" && before.sockets === after.sockets) {
        this.#sockets = after.sockets;
        return result;
      }
      if (tries === TRIES) return failure(`${this.#port} was opened anew while it was asked`);
      before = after;
    }
  }

  #foreign(who: string): ProbeResult {
    return failure(`${this.#port} is answered by ${who}, not by this instance`);
  }

  #unseen(result: ProbeResult, why: string): ProbeResult {
    if (this.#warned) return result;
    this.#warned = true;
    return { ...result, message: `it cannot be seen who answers at ${this.#port}: ${why}`, warning: true };
  }
}
