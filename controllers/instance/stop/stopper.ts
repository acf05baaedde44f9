import type { Clock, Timer } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { Runtime, RuntimeEvent } from "../../../runtime/runtime.ts";
import { reportOf, type StopReport, type StopRequest, type StopStage, type StopState } from "./stop-request.ts";

const RETRY_AFTER_MS = 5_000;

/** As in Kubernetes: if preStop has used up the whole grace period, the program still has this long after its signal. */
const LEAST_SIGNAL_WAIT_MS = 2_000;

/** One stop under way. */
interface ActiveStop {
  readonly request: StopRequest;
  /** Monotonic ms. */
  readonly began: number;
  /** Monotonic ms at which the grace period ends. It can only become earlier. */
  deadline: number;
  /** Somebody asked for no grace at all. */
  atOnce: boolean;
  /** Checks whether the present wait is over. */
  look: () => void;
}

/**
 * Stops any number of Instances at once, each stage by stage. It works outside the queue, so that a long grace period occupies no worker. `onChange` is
 * called whenever a state has changed; the reconciler then asks `get`.
 */
export class Stopper {
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onChange: (uid: string) => void;
  readonly #states = new Map<string, StopState>();
  readonly #active = new Map<string, ActiveStop>();
  /** Uids that survived a kill, until they are gone. */
  readonly #survivors = new Set<string>();

  constructor(options: { runtime: Runtime; clock: Clock; logger: Logger; onChange: (uid: string) => void }) {
    this.#runtime = options.runtime;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#onChange = options.onChange;
  }

  get(uid: string): StopState | undefined {
    return this.#states.get(uid);
  }

  /** It has survived a kill. */
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
    else this.#start(activeStopOf(request, this.#clock.now()));
  }

  /** The grace period ends `graceMs` from now, or when it would have ended anyway. */
  shorten(uid: string, graceMs: number): void {
    const stop = this.#active.get(uid);
    if (!stop) return;
    stop.atOnce ||= graceMs <= 0;
    stop.deadline = Math.min(stop.deadline, this.#clock.now() + Math.max(0, graceMs));
    const state = this.#states.get(uid);
    if (state?.phase === "stopping") this.#states.set(uid, { ...state, deadline: stop.deadline });
    stop.look();
  }

  #start(stop: ActiveStop): void {
    const { uid, stages } = stop.request;
    this.#active.set(uid, stop);
    this.#move(stop, { phase: "stopping", stage: stages[0]?.name ?? "Kill", deadline: stop.deadline });
    this.#run(stop).then(
      (report) => {
        if (this.#isPresent(stop)) this.#survivors.delete(uid);
        this.#end(stop, { phase: "stopped", report });
      },
      (error: unknown) => {
        this.#logger.error("stop failed", { uid, error: String(error) });
        if (this.#isPresent(stop)) this.#survivors.add(uid);
        this.#end(stop, { phase: "failed", message: error instanceof Error ? error.message : String(error) });
        this.#clock.after(RETRY_AFTER_MS, () => this.#again(stop));
      },
    );
  }

  /** What survived a kill has had its grace period: it is killed again without another. */
  #again({ request }: ActiveStop): void {
    if (this.#states.get(request.uid)?.phase !== "failed") return;
    const stages = request.stages.filter(({ name }) => name === "Kill");
    this.#start(activeStopOf({ ...request, stages, graceMs: 0 }, this.#clock.now()));
  }

  async #run(stop: ActiveStop): Promise<StopReport> {
    const { request, began } = stop;
    let endedBy: StopStage["name"] | undefined;
    let note = "";
    for (const stage of request.stages) {
      this.#move(stop, { phase: "stopping", stage: stage.name, deadline: stop.deadline });
      if (stage.name === "PreStop") note += await this.#preStop(stop, stage.command);
      else if (stage.name === "Signal") note += await this.#signal(stop, stage);
      // Always done, since something of the tree may be left when the main process has ended. But never to a later run.
      else if (this.#runtime.get(request.uid)?.run === request.run) await this.#runtime.kill(request.uid);
      if (!this.#running(request)) endedBy ??= stage.name;
    }
    const durationMs = Math.round(this.#clock.now() - began);
    return reportOf(endedBy ?? "Kill", durationMs, stop.deadline - began, note);
  }

  #running(request: StopRequest): boolean {
    const state = this.#runtime.get(request.uid);
    return state !== undefined && state.run === request.run && state.phase === "running";
  }

  /** The main process or anything that it has started. */
  #lives(request: StopRequest): boolean {
    const state = this.#runtime.get(request.uid);
    return state !== undefined && state.run === request.run && state.treeAlive;
  }

  /**
   * Signals the whole tree, and waits for all of it until the grace period ends: a shell that ends at once must not cost the program behind it its
   * time. Resolves with a note for the report. A signal that cannot be delivered does not keep the stop from going on.
   */
  async #signal(stop: ActiveStop, { signal }: StopStage & { name: "Signal" }): Promise<string> {
    const { request } = stop;
    if (!this.#lives(request) || stop.atOnce) return "";
    try {
      if (await this.#runtime.requestStop(request.uid, signal)) {
        await this.#waitWhile(stop, () => this.#lives(request), signalDeadline(stop, this.#clock.now()));
        const isLeft = this.#lives(request) && !this.#running(request);
        return isLeft ? " What it had started did not end in that time and was killed." : "";
      }
      return this.#lives(request) ? ` ${signal} could not be delivered.` : "";
    } catch (error) {
      return ` ${signal} failed: ${messageOf(error)}.`;
    }
  }

  /** A hook that does not end in time is ended by the kill, for it runs in the tree of the Instance. */
  async #preStop(stop: ActiveStop, command: readonly string[]): Promise<string> {
    const { request } = stop;
    const leftMs = stop.deadline - this.#clock.now();
    if (!this.#running(request) || leftMs <= 0) return "";
    const hook = this.#runtime.exec(request.uid, command, { timeoutMs: leftMs, maxOutput: 1024 }).then(
      ({ timedOut, code }) => {
        if (timedOut) return ` preStop did not end within ${Math.round(leftMs)} ms.`;
        return code === 0 ? "" : ` preStop exited with ${code ?? "a signal"}.`;
      },
      (error: unknown) => ` preStop failed: ${messageOf(error)}.`,
    );
    const noted = new AbortController();
    const isAwaited = (): boolean => this.#running(request) && !noted.signal.aborted;
    const over = this.#waitWhile(stop, isAwaited, () => stop.deadline, noted.signal).then(() =>
      this.#running(request) ? " preStop was cut short." : "",
    );
    const note = await Promise.race([hook, over]);
    noted.abort();
    return note;
  }

  /** Resolves when `holds` has become false, or at `deadline()`, which may move. It is checked at each event, and when `signal` aborts. */
  #waitWhile(stop: ActiveStop, holds: () => boolean, deadline: () => number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const look = (): void => {
        timer?.cancel();
        const left = deadline() - this.#clock.now();
        if (holds() && left > 0) {
          timer = this.#clock.after(left, look);
          return;
        }
        if (stop.look === look) stop.look = () => {};
        resolve();
      };
      stop.look = look;
      signal?.addEventListener("abort", look, { once: true });
      look();
    });
  }

  /** False when it was cleared meanwhile, so that nobody asks for it any more. */
  #isPresent(stop: ActiveStop): boolean {
    return this.#active.get(stop.request.uid) === stop;
  }

  #end(stop: ActiveStop, state: StopState): void {
    this.#move(stop, state);
    if (this.#isPresent(stop)) this.#active.delete(stop.request.uid);
  }

  #move(stop: ActiveStop, state: StopState): void {
    if (!this.#isPresent(stop)) return;
    this.#states.set(stop.request.uid, state);
    this.#onChange(stop.request.uid);
  }
}

const activeStopOf = (request: StopRequest, began: number): ActiveStop => ({
  request,
  began,
  deadline: began + Math.max(0, request.graceMs),
  atOnce: request.graceMs <= 0,
  look: () => {},
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function signalDeadline(stop: ActiveStop, now: number): () => number {
  const least = stop.request.stages.some(({ name }) => name === "PreStop") ? now + LEAST_SIGNAL_WAIT_MS : now;
  return () => (stop.atOnce ? now : Math.max(stop.deadline, least));
}
