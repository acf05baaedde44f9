import type { Clock, Timer } from "../../lib/clock.ts";
import { Heap, type HeapItem } from "../../lib/heap.ts";
import type { Logger } from "../../lib/logger.ts";
import { sameJson } from "../../lib/same-json.ts";
import { chooseAction, type ProbedRuntime } from "./choose-action.ts";
import type { ProbeAction } from "./probe-action.ts";
import { failure, timedOut } from "./probe-results.ts";
import {
  extendStreak,
  firstState,
  isAwake,
  meetsThreshold,
  nextTick,
  noStreak,
  type Streak,
  stateAfterAttempt,
  stateAfterVerdict,
  stateWithCause,
  tickAfter,
} from "./probe-verdict.ts";
import type {
  ProbeKind,
  ProbeReport,
  ProbeResult,
  Prober,
  ProbeSet,
  ProbeSpec,
  ProbeState,
  ProbeTarget,
} from "./prober.ts";

export interface ProbeSchedulerOptions {
  clock: Clock;
  /** 0 to 1, for the jitter. */
  random: () => number;
  runtime: ProbedRuntime;
  logger: Logger;
  /** Let probes leave this machine; default false. */
  allowRemoteHosts?: boolean;
  /** Probes under way at the same time; more wait for a free place. Default 512. */
  concurrency?: number;
  /** Told of each answer, and of the seconds that it took. */
  asked?: (uid: string, kind: ProbeKind, result: ProbeResult, seconds: number) => void;
}

const REWORDED_MS = 10_000;

type Listener = (uid: string, report: ProbeReport) => void;

/** One run of one Instance. */
interface Watched {
  target: ProbeTarget;
  probes: ProbeSet;
  state: ProbeState;
  all: Probe[];
}

interface Probe extends HeapItem {
  /** Of the next tick, on the monotonic clock. */
  due: number;
  watched: Watched;
  kind: ProbeKind;
  spec: ProbeSpec;
  action: ProbeAction;
  streak: Streak;
  /** When the words that keep the run from being ready were taken last, on the monotonic clock. */
  wordedAt: number;
  /** Present while the probe is under way; aborted when nobody wants the result any more. */
  asking: AbortController | undefined;
}

/**
 * Probes all Instances with one timer: the next probe that is due decides when to wake up. Only a probe under way has a timer and a socket of its
 * own, so one that hangs delays no other. The semantics are kubelet's (`pkg/kubelet/prober`, worker.go), except that the first probe comes right
 * after `initialDelaySeconds` instead of at the next tick.
 */
export class ProbeScheduler implements Prober {
  readonly #options: ProbeSchedulerOptions;
  readonly #began: Date;
  readonly #watched = new Map<string, Watched>();
  readonly #queue = new Heap<Probe>((a, b) => a.due < b.due);
  readonly #listeners = new Set<Listener>();
  readonly #asking = new Set<Promise<void>>();
  #waiting: Probe[] = [];
  #timer: { due: number; timer: Timer } | undefined;

  constructor(options: ProbeSchedulerOptions) {
    this.#options = options;
    this.#began = options.clock.wall();
  }

  set(target: ProbeTarget, probes: ProbeSet, initial?: { started: boolean; ready: boolean }): void {
    const known = this.#watched.get(target.uid);
    if (known && known.target.run > target.run) return;
    const same = known?.target.run === target.run;
    if (known && same && sameJson(known.probes, probes)) return;
    this.remove(target.uid);
    const before = same ? known?.state : initial;
    const watched: Watched = { target, probes, state: firstState(target.run, probes, before), all: [] };
    for (const kind of ["startup", "readiness", "liveness"] as const) {
      const spec = probes[kind];
      if (spec) watched.all.push(this.#probe(watched, kind, spec));
    }
    this.#watched.set(target.uid, watched);
    this.#schedule(watched);
  }

  remove(uid: string): void {
    const watched = this.#watched.get(uid);
    if (!watched) return;
    this.#watched.delete(uid);
    for (const probe of watched.all) {
      this.#queue.delete(probe);
      probe.asking?.abort();
    }
    if (this.#waiting.length > 0) this.#waiting = this.#waiting.filter((probe) => probe.watched !== watched);
    this.#arm();
  }

  get(uid: string): ProbeState | undefined {
    return this.#watched.get(uid)?.state;
  }

  get size(): number {
    return this.#watched.size;
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    for (const uid of [...this.#watched.keys()]) this.remove(uid);
    this.#waiting = [];
    await Promise.all(this.#asking);
  }

  #probe(watched: Watched, kind: ProbeKind, spec: ProbeSpec): Probe {
    const action = chooseAction(
      watched.target.uid,
      spec,
      this.#options.runtime,
      this.#options.allowRemoteHosts ?? false,
    );
    const due = this.#firstDue(watched.target, spec);
    return {
      watched,
      kind,
      spec,
      action,
      due,
      position: -1,
      streak: noStreak,
      wordedAt: Number.NEGATIVE_INFINITY,
      asking: undefined,
    };
  }

  /**
   * `initialDelaySeconds` after the start of the run. A daemon that came back finds many runs at once: their probes are spread over a period, as
   * kubelet spreads them after its own restart.
   */
  #firstDue({ startedAt }: ProbeTarget, spec: ProbeSpec): number {
    const { clock, random } = this.#options;
    const started = Date.parse(startedAt);
    const elapsed = Math.max(0, clock.wall().getTime() - started) || 0;
    const jitter = started < this.#began.getTime() ? random() * spec.periodSeconds * 1000 : 0;
    return clock.now() + Math.max(jitter, spec.initialDelaySeconds * 1000 - elapsed);
  }

  /** Queues the probes that have something to find out and are neither queued, nor waiting, nor under way. */
  #schedule(watched: Watched): void {
    for (const probe of watched.all) {
      if (isAwake(probe.kind, watched.state) && !probe.asking) this.#queue.put(probe);
    }
    this.#arm();
  }

  #arm(): void {
    const due = this.#queue.first?.due;
    if (due === this.#timer?.due) return;
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    if (due === undefined) return;
    const timer = this.#options.clock.after(Math.max(0, due - this.#options.clock.now()), () => this.#wake());
    this.#timer = { due, timer };
  }

  #wake(): void {
    this.#timer = undefined;
    const now = this.#options.clock.now();
    for (let first = this.#queue.first; first && first.due <= now; first = this.#queue.first) {
      this.#queue.delete(first);
      this.#start(first);
    }
    this.#arm();
  }

  #start(probe: Probe): void {
    probe.asking = new AbortController();
    if (this.#asking.size >= (this.#options.concurrency ?? 512)) {
      this.#waiting.push(probe);
      return;
    }
    const asked = this.#ask(probe, probe.asking).finally(() => {
      this.#asking.delete(asked);
      const next = this.#waiting.shift();
      if (next) this.#start(next);
    });
    this.#asking.add(asked);
  }

  async #ask(probe: Probe, asking: AbortController): Promise<void> {
    const { clock, asked } = this.#options;
    const began = clock.now();
    const timer = clock.after(probe.spec.timeoutSeconds * 1000, () => asking.abort(timedOut));
    const result = await probe.action.run(asking.signal).catch(errored);
    timer.cancel();
    if (asking.signal.aborted && asking.signal.reason !== timedOut) return;
    probe.asking = undefined;
    const now = clock.now();
    probe.due = nextTick(probe.due, probe.spec.periodSeconds * 1000, now);
    asked?.(probe.watched.target.uid, probe.kind, result, (now - began) / 1000);
    this.#record(probe, result);
    if (this.#watched.get(probe.watched.target.uid) === probe.watched) this.#schedule(probe.watched);
  }

  #record(probe: Probe, result: ProbeResult): void {
    const { watched, kind } = probe;
    const before = watched.state;
    const isNews = result.outcome === "failure" || result.warning || probe.streak.last !== "success";
    watched.state = stateAfterAttempt(before, kind, result);
    if (!result.errored) {
      probe.streak = extendStreak(probe.streak, result.outcome);
      if (meetsThreshold(probe.streak, probe.spec))
        watched.state = stateAfterVerdict(watched.state, watched.probes, kind, result);
      watched.state = this.#reworded(probe, watched.state, stateWithCause(watched.state, kind, result));
    }
    const changed = !sameJson(before, watched.state);
    if (watched.state.started && !before.started) this.#wakeOthers(watched);
    if (isNews || changed) this.#tell(watched.target.uid, { kind, result, changed });
  }

  /** A program may answer with other words each time, and each change is a write of the status: they are taken at most once in a while. */
  #reworded(probe: Probe, before: ProbeState, after: ProbeState): ProbeState {
    if (after.failing === before.failing) return after;
    const now = this.#options.clock.now();
    const isSame = before.failing?.kind === after.failing?.kind && after.failing !== undefined;
    if (isSame && now - probe.wordedAt < REWORDED_MS) return before;
    probe.wordedAt = now;
    return after;
  }

  /** As kubelet: a run that has just started is asked at once whether it is ready, and at the next tick whether it lives. */
  #wakeOthers({ all }: Watched): void {
    const now = this.#options.clock.now();
    for (const probe of all) {
      if (probe.due > now) continue;
      probe.due = probe.kind === "readiness" ? now : tickAfter(probe.due, probe.spec.periodSeconds * 1000, now);
    }
  }

  #tell(uid: string, report: ProbeReport): void {
    for (const listener of this.#listeners) {
      try {
        listener(uid, report);
      } catch (error) {
        this.#options.logger.error("a listener of probe results failed", { uid, error: String(error) });
      }
    }
  }
}

/** Nothing was found out: this is told, but not counted. */
const errored = (error: unknown): ProbeResult => ({
  ...failure(error instanceof Error ? error.message : String(error)),
  errored: true,
});
