import { LOCAL } from "./accounts/authority.ts";
import type { BlockingCall, BlockingCalls, BlockingResult } from "./blocking-calls.ts";
import type { Winapi } from "./ffi/winapi.ts";

/** There is a bound because manifests name domains, and a thread costs some MiB. */
const MOST_FOREIGN = 7;

interface Lane {
  calls: BlockingCalls;
  inFlight: number;
}

/**
 * Has a thread for this machine, and one for each domain that is asked: a domain controller that does not answer holds up its own accounts only
 * (P16). When more domains are asked at the same time than there may be threads, some share one; this machine never does.
 */
export class CallsByAuthority implements BlockingCalls {
  readonly #make: () => BlockingCalls;
  readonly #local: Lane;
  readonly #foreign = new Map<string, Lane>();

  /** `make`: makes calls in a thread that begins with the first of them. */
  constructor(make: () => BlockingCalls) {
    this.#make = make;
    this.#local = { calls: make(), inFlight: 0 };
  }

  async call<Name extends BlockingCall>(
    authority: string,
    name: Name,
    args: Parameters<Winapi[Name]>,
  ): Promise<BlockingResult> {
    const lane = authority === LOCAL ? this.#local : this.#laneOf(authority);
    lane.inFlight += 1;
    try {
      return await lane.calls.call(authority, name, args);
    } finally {
      lane.inFlight -= 1;
    }
  }

  async close(): Promise<void> {
    const lanes = [this.#local, ...this.#foreign.values()];
    await Promise.all(lanes.map(({ calls }) => calls.close()));
  }

  #laneOf(authority: string): Lane {
    const own = this.#foreign.get(authority);
    if (own) return own;
    if (this.#foreign.size < MOST_FOREIGN) return this.#keep(authority, { calls: this.#make(), inFlight: 0 });
    const [[former, lane]] = [...this.#foreign].sort(([, a], [, b]) => a.inFlight - b.inFlight) as [[string, Lane]];
    if (lane.inFlight > 0) return lane; // All are busy, so this domain shares the least busy one for this call.
    this.#foreign.delete(former);
    return this.#keep(authority, lane);
  }

  #keep(authority: string, lane: Lane): Lane {
    this.#foreign.set(authority, lane);
    return lane;
  }
}
