import type { Clock } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { Runtime, RuntimeEvent } from "../../../runtime/runtime.ts";
import { ActiveStop } from "./active-stop.ts";
import type { StopRequest, StopState } from "./stop-request.ts";

const RETRY_AFTER_MS = 5_000;

export interface StopperOptions {
  runtime: Runtime;
  clock: Clock;
  logger: Logger;
  /** Called whenever a state has changed; the reconciler then asks `get`. */
  onChange: (uid: string) => void;
}

/**
 * Stops any number of Instances at once, and kills again what has survived. It works outside the queue, so that a long grace period occupies no
 * worker.
 */
export class Stopper {
  readonly #options: StopperOptions;
  readonly #states = new Map<string, StopState>();
  readonly #active = new Map<string, ActiveStop>();
  /** Uids that survived a kill, until they are gone. */
  readonly #survivors = new Set<string>();

  constructor(options: StopperOptions) {
    this.#options = options;
  }

  get(uid: string): StopState | undefined {
    return this.#states.get(uid);
  }

  hasSurvivedKill(uid: string): boolean {
    return this.#survivors.has(uid);
  }

  /** How many uids something is remembered of (P19). */
  get size(): number {
    return new Set([...this.#states.keys(), ...this.#active.keys(), ...this.#survivors]).size;
  }

  /** Forgets a finished stop. One that is under way goes on, and is forgotten at its end. */
  clear(uid: string): void {
    this.#states.delete(uid);
    this.#active.delete(uid);
    this.#survivors.delete(uid);
  }

  /** Runtime events come through here. */
  observe(event: RuntimeEvent): void {
    if (event.type === "exited" || event.type === "tree-ended") this.#active.get(event.uid)?.look();
  }

  /** If a stop of this uid is under way, only its grace period is shortened. */
  begin(request: StopRequest): void {
    if (this.#active.has(request.uid)) this.shorten(request.uid, request.graceMs);
    else this.#start(request);
  }

  /** The grace period ends `graceMs` from now, or when it would have ended anyway. */
  shorten(uid: string, graceMs: number): void {
    const stop = this.#active.get(uid);
    if (!stop) return;
    stop.shorten(graceMs);
    const state = this.#states.get(uid);
    if (state?.phase === "stopping") this.#states.set(uid, { ...state, deadline: stop.deadline });
    stop.look();
  }

  #start(request: StopRequest): void {
    const { uid } = request;
    const stop = new ActiveStop(request, this.#options);
    this.#active.set(uid, stop);
    const running = stop.run((stage) => this.#show(stop, { phase: "stopping", stage, deadline: stop.deadline }));
    running.then(
      (report) => {
        if (this.#isPresent(stop)) this.#survivors.delete(uid);
        this.#end(stop, { phase: "stopped", report });
      },
      (error: unknown) => {
        this.#options.logger.error("stop failed", { uid, error: String(error) });
        if (this.#isPresent(stop)) this.#survivors.add(uid);
        this.#end(stop, { phase: "failed", message: error instanceof Error ? error.message : String(error) });
        this.#options.clock.after(RETRY_AFTER_MS, () => this.#killAgain(request));
      },
    );
  }

  /** What survived a kill has had its grace period: it is killed again without another. */
  #killAgain(request: StopRequest): void {
    if (this.#states.get(request.uid)?.phase !== "failed") return;
    this.#start({ ...request, stages: request.stages.filter(({ name }) => name === "Kill"), graceMs: 0 });
  }

  /** False when it was cleared meanwhile, so that nobody asks for it any more. */
  #isPresent(stop: ActiveStop): boolean {
    return this.#active.get(stop.request.uid) === stop;
  }

  #end(stop: ActiveStop, state: StopState): void {
    this.#show(stop, state);
    if (this.#isPresent(stop)) this.#active.delete(stop.request.uid);
  }

  #show(stop: ActiveStop, state: StopState): void {
    if (!this.#isPresent(stop)) return;
    this.#states.set(stop.request.uid, state);
    this.#options.onChange(stop.request.uid);
  }
}
