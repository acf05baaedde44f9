import type { Clock, Timer } from "../../../lib/clock.ts";

/** How long closing may take, once the workloads have stopped or are left running: 5 s for requests, the rest for everything else. */
const CLOSING_MS = 20_000;
/** The same, once somebody has asked again. */
const INSISTED_MS = 1_000;

/**
 * What a request to stop does, by what the daemon is doing. The first one lets a start finish, then stops the workloads; the second
 * leaves them as they are; one more, and a second one that finds nothing else to give up, ends the process within a second (P24).
 */
export const afterRequest = {
  Starting: "Asked",
  Working: "Stopping",
  Asked: "Leaving",
  Stopping: "Closing",
  Closing: "Leaving",
  Leaving: "Leaving",
} as const satisfies Record<string, string>;

type Phase = keyof typeof afterRequest;

interface Parts {
  clock: Clock;
  /** Ends the process at once. */
  leave: (why: string) => void;
}

/** Where the daemon is on its way to its end, and who waits for what. Times are in milliseconds. */
export class Shutdown {
  readonly #parts: Parts;
  readonly #stop = Promise.withResolvers<void>();
  readonly #insist = Promise.withResolvers<void>();
  #phase: Phase = "Starting";
  #timer: Timer | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Somebody has asked the daemon to stop. */
  get asked(): boolean {
    return this.#phase !== "Starting" && this.#phase !== "Working";
  }

  /** Resolves when it has. */
  get stop(): Promise<void> {
    return this.#stop.promise;
  }

  /** Resolves when somebody does not want to wait for the workloads. */
  get insist(): Promise<void> {
    return this.#insist.promise;
  }

  request(): void {
    this.#phase = afterRequest[this.#phase];
    this.#stop.resolve();
    if (this.#phase === "Closing" || this.#phase === "Leaving") this.#insist.resolve();
    if (this.#phase === "Leaving") this.#leaveIn(INSISTED_MS, "asked again to stop, and it did not end");
  }

  started(): void {
    if (this.#phase === "Starting") this.#phase = "Working";
    if (this.#phase === "Asked") this.#phase = "Stopping";
  }

  /** From now on there is nothing to wait for but our own files and connections. */
  closing(): void {
    if (this.#phase === "Leaving") return;
    this.#phase = "Closing";
    this.#leaveIn(CLOSING_MS, `it did not end within ${CLOSING_MS / 1000} s`);
  }

  closed(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #leaveIn(ms: number, why: string): void {
    const { clock, leave } = this.#parts;
    this.#timer?.cancel();
    this.#timer = clock.after(ms, () => leave(why));
  }
}
