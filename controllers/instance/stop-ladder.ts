import type { Clock, Timer } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Runtime, RuntimeEvent, StopSignal } from "../../runtime/runtime.ts";

/** Ask, wait, insist. The rungs are data; each is climbed only when the one before did not end the main process. */
export type Rung =
  | { name: "PreStop"; command: readonly string[] }
  | { name: "Signal"; signal: StopSignal }
  | { name: "Kill" };

export interface StopOrder {
  uid: string;
  run: number;
  rungs: readonly Rung[];
  /** For PreStop and Signal together; Kill comes after it. */
  graceMs: number;
}

export interface StopReport {
  /** The rung that ended the main process. */
  rung: Rung["name"];
  durationMs: number;
  message: string;
}

export type StopState =
  | { phase: "stopping"; rung: Rung["name"] }
  | { phase: "stopped"; report: StopReport }
  | { phase: "failed"; message: string };

const RETRY_AFTER_MS = 5_000;

/** As in Kubernetes: a preStop that used up the whole grace leaves the program this long to see its signal. */
const LEAST_SIGNAL_WAIT_MS = 2_000;

export function rungsOf(stop: { signal: StopSignal; preStop?: { exec: { command: readonly string[] } } }): Rung[] {
  const rungs: Rung[] = [];
  if (stop.preStop) rungs.push({ name: "PreStop", command: stop.preStop.exec.command });
  if (stop.signal !== "None") rungs.push({ name: "Signal", signal: stop.signal });
  rungs.push({ name: "Kill" });
  return rungs;
}

/**
 * Climbs the ladder of any number of instances at once, outside the work queue, so that a long grace period holds no worker.
 * `onChange` is called when a state moved; the reconciler then looks at `get`.
 */
export class StopLadder {
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onChange: (uid: string) => void;
  readonly #states = new Map<string, StopState>();
  readonly #exitWaiters = new Map<string, () => void>();

  constructor(options: { runtime: Runtime; clock: Clock; logger: Logger; onChange: (uid: string) => void }) {
    this.#runtime = options.runtime;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#onChange = options.onChange;
  }

  get(uid: string): StopState | undefined {
    return this.#states.get(uid);
  }

  /** Forgets a finished climb. */
  clear(uid: string): void {
    this.#states.delete(uid);
  }

  /** Runtime events come through here. */
  observe(event: RuntimeEvent): void {
    if (event.type === "exited") this.#exitWaiters.get(event.uid)?.();
  }

  /** A second order for the same uid changes nothing while the first is under way. */
  begin(order: StopOrder): void {
    if (this.#states.get(order.uid)?.phase === "stopping") return;
    this.#move(order.uid, { phase: "stopping", rung: order.rungs[0]?.name ?? "Kill" });
    this.#climb(order).then(
      (report) => this.#move(order.uid, { phase: "stopped", report }),
      (error: unknown) => {
        this.#logger.error("stop failed", { uid: order.uid, error: String(error) });
        this.#move(order.uid, { phase: "failed", message: error instanceof Error ? error.message : String(error) });
        this.#clock.after(RETRY_AFTER_MS, () => this.#retry(order.uid));
      },
    );
  }

  async #climb(order: StopOrder): Promise<StopReport> {
    const began = this.#clock.now();
    let endedBy: Rung["name"] | undefined;
    let note = "";
    for (const rung of order.rungs) {
      this.#move(order.uid, { phase: "stopping", rung: rung.name });
      const left = order.graceMs - (this.#clock.now() - began);
      if (rung.name === "PreStop") {
        note = await this.#preStop(order, rung.command, left);
      } else if (rung.name === "Signal") {
        const delivered = this.#running(order) && (await this.#runtime.requestStop(order.uid, rung.signal));
        if (delivered) await this.#exitWithin(order, signalWaitMs(order, left));
        else if (this.#running(order)) note += ` ${rung.signal} could not be delivered.`;
      } else {
        // Always climbed: what is left of the tree goes, also when the main process has ended by itself.
        await this.#runtime.kill(order.uid);
      }
      if (!this.#running(order)) endedBy ??= rung.name;
    }
    const durationMs = Math.round(this.#clock.now() - began);
    return { rung: endedBy ?? "Kill", durationMs, message: describe(endedBy ?? "Kill", durationMs, order, note) };
  }

  #running(order: StopOrder): boolean {
    const state = this.#runtime.get(order.uid);
    return state !== undefined && state.run === order.run && state.phase === "running";
  }

  /** Resolves with a note for the report; a failing hook never stops the stop. */
  async #preStop(order: StopOrder, command: readonly string[], leftMs: number): Promise<string> {
    if (!this.#running(order) || leftMs <= 0) return "";
    try {
      const result = await this.#runtime.exec(order.uid, command, { timeoutMs: leftMs, maxOutput: 1024 });
      if (result.timedOut) return ` preStop did not end within ${leftMs} ms.`;
      return result.code === 0 ? "" : ` preStop exited with ${result.code ?? "a signal"}.`;
    } catch (error) {
      return ` preStop failed: ${error instanceof Error ? error.message : String(error)}.`;
    }
  }

  #exitWithin(order: StopOrder, ms: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const finish = (): void => {
        timer?.cancel();
        this.#exitWaiters.delete(order.uid);
        resolve();
      };
      if (!this.#running(order) || ms <= 0) return resolve();
      this.#exitWaiters.set(order.uid, finish);
      timer = this.#clock.after(ms, finish);
    });
  }

  /** What could not be ended is forgotten after a while, so that the plan asks again. */
  #retry(uid: string): void {
    if (this.#states.get(uid)?.phase !== "failed") return;
    this.#states.delete(uid);
    this.#onChange(uid);
  }

  #move(uid: string, state: StopState): void {
    this.#states.set(uid, state);
    this.#onChange(uid);
  }
}

function signalWaitMs(order: StopOrder, leftMs: number): number {
  const hadPreStop = order.rungs.some((rung) => rung.name === "PreStop");
  return hadPreStop && order.graceMs > 0 ? Math.max(leftMs, LEAST_SIGNAL_WAIT_MS) : leftMs;
}

function describe(rung: Rung["name"], durationMs: number, order: StopOrder, note: string): string {
  const took = `after ${(durationMs / 1000).toFixed(1)}s`;
  const grace = `${order.graceMs / 1000}s`;
  const how =
    rung === "PreStop"
      ? `it ended during preStop ${took}.`
      : rung === "Signal"
        ? `it ended on its stop signal ${took}.`
        : `it did not end within its grace period of ${grace} and was killed ${took}.`;
  return how + note;
}
