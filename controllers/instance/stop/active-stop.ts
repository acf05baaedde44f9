import type { Clock, Timer } from "../../../lib/clock.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { reportOf, type StopReport, type StopRequest, type StopStage } from "./stop-request.ts";

/** As in Kubernetes: if preStop has used up the whole grace period, the program still has this long after its signal. */
const LEAST_SIGNAL_WAIT_MS = 2_000;

/** One stop: takes a run through the stages of its request, once. */
export class ActiveStop {
  readonly request: StopRequest;
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  /** Monotonic ms. */
  readonly #began: number;
  #deadline: number;
  /** Somebody asked for no grace at all. */
  #atOnce: boolean;
  /** Checks whether the present wait is over. */
  #look = (): void => {};

  constructor(request: StopRequest, { runtime, clock }: { runtime: Runtime; clock: Clock }) {
    this.request = request;
    this.#runtime = runtime;
    this.#clock = clock;
    this.#began = clock.now();
    this.#deadline = this.#began + Math.max(0, request.graceMs);
    this.#atOnce = request.graceMs <= 0;
  }

  /** Monotonic ms at which the grace period ends. It can only become earlier. */
  get deadline(): number {
    return this.#deadline;
  }

  /** The grace period ends `graceMs` from now, or when it would have ended anyway. Call `look` afterwards. */
  shorten(graceMs: number): void {
    this.#atOnce ||= graceMs <= 0;
    this.#deadline = Math.min(this.#deadline, this.#clock.now() + Math.max(0, graceMs));
  }

  /** Something has changed: goes on if the present wait is over. */
  look(): void {
    this.#look();
  }

  /** Calls `onStage` as each stage begins. Rejects when something survived the kill. */
  async run(onStage: (stage: StopStage["name"]) => void): Promise<StopReport> {
    const { uid, run, stages } = this.request;
    let endedBy: StopStage["name"] | undefined;
    let note = "";
    for (const stage of stages) {
      onStage(stage.name);
      if (stage.name === "PreStop") note += await this.#preStop(stage.command);
      else if (stage.name === "Signal") note += await this.#signal(stage);
      // Always done, since something of the tree may be left when the main process has ended. A later run never gets the signal.
      else if (this.#runtime.get(uid)?.run === run) await this.#runtime.kill(uid);
      if (!this.#isRunning()) endedBy ??= stage.name;
    }
    const durationMs = Math.round(this.#clock.now() - this.#began);
    return reportOf(endedBy ?? "Kill", durationMs, this.#deadline - this.#began, note);
  }

  #isRunning(): boolean {
    const state = this.#runtime.get(this.request.uid);
    return state !== undefined && state.run === this.request.run && state.phase === "running";
  }

  /** The main process lives, or anything that it has started. */
  #isAlive(): boolean {
    const state = this.#runtime.get(this.request.uid);
    return state !== undefined && state.run === this.request.run && state.treeAlive;
  }

  /** A hook that does not end in time is ended by the kill, because it runs in the tree of the Instance. Resolves with a note for the report. */
  async #preStop(command: readonly string[]): Promise<string> {
    const leftMs = this.#deadline - this.#clock.now();
    if (!this.#isRunning() || leftMs <= 0) return "";
    const hook = this.#runtime.exec(this.request.uid, command, { timeoutMs: leftMs, maxOutput: 1024 }).then(
      ({ timedOut, code }) => {
        if (timedOut) return ` preStop did not end within ${Math.round(leftMs)} ms.`;
        return code === 0 ? "" : ` preStop exited with ${code ?? "a signal"}.`;
      },
      (error: unknown) => ` preStop failed: ${messageOf(error)}.`,
    );
    const hasEnded = new AbortController();
    const isAwaited = (): boolean => this.#isRunning() && !hasEnded.signal.aborted;
    const over = this.#waitWhile(isAwaited, () => this.#deadline, hasEnded.signal).then(() =>
      this.#isRunning() ? " preStop was cut short." : "",
    );
    const note = await Promise.race([hook, over]);
    hasEnded.abort();
    return note;
  }

  /**
   * Signals the whole tree, and waits for all of it until the grace period ends: a shell that ends at once must not cost the program behind it its
   * time. Resolves with a note for the report. A signal that cannot be delivered does not keep the stop from going on.
   */
  async #signal({ signal }: StopStage & { name: "Signal" }): Promise<string> {
    if (!this.#isAlive() || this.#atOnce) return "";
    try {
      if (await this.#runtime.requestStop(this.request.uid, signal)) {
        await this.#waitWhile(() => this.#isAlive(), this.#signalDeadline());
        const isLeft = this.#isAlive() && !this.#isRunning();
        return isLeft ? " What it had started did not end in that time and was killed." : "";
      }
      return this.#isAlive() ? ` ${signal} could not be delivered.` : "";
    } catch (error) {
      return ` ${signal} failed: ${messageOf(error)}.`;
    }
  }

  #signalDeadline(): () => number {
    const now = this.#clock.now();
    const least = this.request.stages.some(({ name }) => name === "PreStop") ? now + LEAST_SIGNAL_WAIT_MS : now;
    return () => (this.#atOnce ? now : Math.max(this.#deadline, least));
  }

  /** Resolves when `holds` has become false, or at `deadline()`, which may move. It is checked at each `look`, and when `signal` aborts. */
  #waitWhile(holds: () => boolean, deadline: () => number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const look = (): void => {
        timer?.cancel();
        const left = deadline() - this.#clock.now();
        if (holds() && left > 0) {
          timer = this.#clock.after(left, look);
          return;
        }
        if (this.#look === look) this.#look = () => {};
        resolve();
      };
      this.#look = look;
      signal?.addEventListener("abort", look, { once: true });
      look();
    });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
