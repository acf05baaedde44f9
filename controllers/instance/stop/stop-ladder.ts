import type { Clock, Timer } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { Runtime, RuntimeEvent } from "../../../runtime/runtime.ts";
import { type Rung, reportOf, type StopOrder, type StopReport, type StopState } from "./stop-order.ts";

const RETRY_AFTER_MS = 5_000;

/** As in Kubernetes: if preStop has used up the whole grace period, the program still has this long after its signal. */
const LEAST_SIGNAL_WAIT_MS = 2_000;

/** One stop under way. */
interface Climb {
  readonly order: StopOrder;
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
 * Stops any number of Instances at once, each rung by rung. It works outside the queue, so that a long grace period occupies no worker. `onChange` is
 * called whenever a state has changed; the reconciler then asks `get`.
 */
export class StopLadder {
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onChange: (uid: string) => void;
  readonly #states = new Map<string, StopState>();
  readonly #climbs = new Map<string, Climb>();
  /** Uids that survived a kill, until they are gone. */
  readonly #stubborn = new Set<string>();

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
  isStubborn(uid: string): boolean {
    return this.#stubborn.has(uid);
  }

  /** How many uids something is remembered of (P19). */
  get size(): number {
    return new Set([...this.#states.keys(), ...this.#climbs.keys(), ...this.#stubborn]).size;
  }

  /** Forgets a finished stop. One that is under way goes on, and is forgotten at its end. */
  clear(uid: string): void {
    this.#states.delete(uid);
    this.#climbs.delete(uid);
    this.#stubborn.delete(uid);
  }

  /** Runtime events come through here. */
  observe(event: RuntimeEvent): void {
    if (event.type === "exited" || event.type === "tree-ended") this.#climbs.get(event.uid)?.look();
  }

  /** If a stop of this uid is under way, only its grace period is shortened. */
  begin(order: StopOrder): void {
    if (this.#climbs.has(order.uid)) this.shorten(order.uid, order.graceMs);
    else this.#start(climbOf(order, this.#clock.now()));
  }

  /** The grace period ends `graceMs` from now, or when it would have ended anyway. */
  shorten(uid: string, graceMs: number): void {
    const climb = this.#climbs.get(uid);
    if (!climb) return;
    climb.atOnce ||= graceMs <= 0;
    climb.deadline = Math.min(climb.deadline, this.#clock.now() + Math.max(0, graceMs));
    const state = this.#states.get(uid);
    if (state?.phase === "stopping") this.#states.set(uid, { ...state, deadline: climb.deadline });
    climb.look();
  }

  #start(climb: Climb): void {
    const { uid, rungs } = climb.order;
    this.#climbs.set(uid, climb);
    this.#move(climb, { phase: "stopping", rung: rungs[0]?.name ?? "Kill", deadline: climb.deadline });
    this.#climb(climb).then(
      (report) => {
        if (this.#isPresent(climb)) this.#stubborn.delete(uid);
        this.#end(climb, { phase: "stopped", report });
      },
      (error: unknown) => {
        this.#logger.error("stop failed", { uid, error: String(error) });
        if (this.#isPresent(climb)) this.#stubborn.add(uid);
        this.#end(climb, { phase: "failed", message: error instanceof Error ? error.message : String(error) });
        this.#clock.after(RETRY_AFTER_MS, () => this.#again(climb));
      },
    );
  }

  /** What survived a kill has had its grace period: it is killed again without another. */
  #again({ order }: Climb): void {
    if (this.#states.get(order.uid)?.phase !== "failed") return;
    const rungs = order.rungs.filter(({ name }) => name === "Kill");
    this.#start(climbOf({ ...order, rungs, graceMs: 0 }, this.#clock.now()));
  }

  async #climb(climb: Climb): Promise<StopReport> {
    const { order, began } = climb;
    let endedBy: Rung["name"] | undefined;
    let note = "";
    for (const rung of order.rungs) {
      this.#move(climb, { phase: "stopping", rung: rung.name, deadline: climb.deadline });
      if (rung.name === "PreStop") note += await this.#preStop(climb, rung.command);
      else if (rung.name === "Signal") note += await this.#signal(climb, rung);
      // Always done, since something of the tree may be left when the main process has ended. But never to a later run.
      else if (this.#runtime.get(order.uid)?.run === order.run) await this.#runtime.kill(order.uid);
      if (!this.#running(order)) endedBy ??= rung.name;
    }
    const durationMs = Math.round(this.#clock.now() - began);
    return reportOf(endedBy ?? "Kill", durationMs, climb.deadline - began, note);
  }

  #running(order: StopOrder): boolean {
    const state = this.#runtime.get(order.uid);
    return state !== undefined && state.run === order.run && state.phase === "running";
  }

  /** The main process or anything that it has started. */
  #lives(order: StopOrder): boolean {
    const state = this.#runtime.get(order.uid);
    return state !== undefined && state.run === order.run && state.treeAlive;
  }

  /**
   * Signals the whole tree, and waits for all of it until the grace period ends: a shell that ends at once must not cost the program behind it its
   * time. Resolves with a note for the report. A signal that cannot be delivered does not keep the stop from going on.
   */
  async #signal(climb: Climb, { signal }: Rung & { name: "Signal" }): Promise<string> {
    const { order } = climb;
    if (!this.#lives(order) || climb.atOnce) return "";
    try {
      if (await this.#runtime.requestStop(order.uid, signal)) {
        await this.#waitWhile(climb, () => this.#lives(order), signalDeadline(climb, this.#clock.now()));
        const isLeft = this.#lives(order) && !this.#running(order);
        return isLeft ? " What it had started did not end in that time and was killed." : "";
      }
      return this.#lives(order) ? ` ${signal} could not be delivered.` : "";
    } catch (error) {
      return ` ${signal} failed: ${messageOf(error)}.`;
    }
  }

  /** A hook that does not end in time is ended by the kill, for it runs in the tree of the Instance. */
  async #preStop(climb: Climb, command: readonly string[]): Promise<string> {
    const { order } = climb;
    const leftMs = climb.deadline - this.#clock.now();
    if (!this.#running(order) || leftMs <= 0) return "";
    const hook = this.#runtime.exec(order.uid, command, { timeoutMs: leftMs, maxOutput: 1024 }).then(
      ({ timedOut, code }) => {
        if (timedOut) return ` preStop did not end within ${Math.round(leftMs)} ms.`;
        return code === 0 ? "" : ` preStop exited with ${code ?? "a signal"}.`;
      },
      (error: unknown) => ` preStop failed: ${messageOf(error)}.`,
    );
    const noted = new AbortController();
    const isAwaited = (): boolean => this.#running(order) && !noted.signal.aborted;
    const over = this.#waitWhile(climb, isAwaited, () => climb.deadline, noted.signal).then(() =>
      this.#running(order) ? " preStop was cut short." : "",
    );
    const note = await Promise.race([hook, over]);
    noted.abort();
    return note;
  }

  /** Resolves when `holds` has become false, or at `deadline()`, which may move. It is checked at each event, and when `signal` aborts. */
  #waitWhile(climb: Climb, holds: () => boolean, deadline: () => number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const look = (): void => {
        timer?.cancel();
        const left = deadline() - this.#clock.now();
        if (holds() && left > 0) {
          timer = this.#clock.after(left, look);
          return;
        }
        if (climb.look === look) climb.look = () => {};
        resolve();
      };
      climb.look = look;
      signal?.addEventListener("abort", look, { once: true });
      look();
    });
  }

  /** False when it was cleared meanwhile, so that nobody asks for it any more. */
  #isPresent(climb: Climb): boolean {
    return this.#climbs.get(climb.order.uid) === climb;
  }

  #end(climb: Climb, state: StopState): void {
    this.#move(climb, state);
    if (this.#isPresent(climb)) this.#climbs.delete(climb.order.uid);
  }

  #move(climb: Climb, state: StopState): void {
    if (!this.#isPresent(climb)) return;
    this.#states.set(climb.order.uid, state);
    this.#onChange(climb.order.uid);
  }
}

const climbOf = (order: StopOrder, began: number): Climb => ({
  order,
  began,
  deadline: began + Math.max(0, order.graceMs),
  atOnce: order.graceMs <= 0,
  look: () => {},
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function signalDeadline(climb: Climb, now: number): () => number {
  const least = climb.order.rungs.some(({ name }) => name === "PreStop") ? now + LEAST_SIGNAL_WAIT_MS : now;
  return () => (climb.atOnce ? now : Math.max(climb.deadline, least));
}
