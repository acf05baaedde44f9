import type { Client } from "../../api/client.ts";
import { type Key, keyOf, type Stored } from "../../api/object.ts";
import type { Instance, InstanceStatus } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { sameJson } from "../../lib/same-json.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import type { Lister } from "../../machinery/lister.ts";
import { again, done, type Outcome } from "../../machinery/outcome.ts";
import type { Reconciler, Request } from "../../machinery/reconciler.ts";
import { StatusDebounce } from "../../machinery/status-debounce.ts";
import type { Prober } from "../../runtime/probes/prober.ts";
import { type Runtime, StartError } from "../../runtime/runtime.ts";
import { isAlive } from "./is-alive.ts";
import { type LaunchDefaults, launchSpec } from "./launch/launch-spec.ts";
import { probeSetOf } from "./launch/probe-set.ts";
import { headerValue, resolveReferences, type Sources, type Values } from "./launch/references.ts";
import type { SecretMasks } from "./launch/secret-masks.ts";
import type { Orphans } from "./orphans.ts";
import { type Plan, plan, type Situation, type Step } from "./plan.ts";
import { exitWords, failedProbe } from "./state/terminated.ts";
import { forgive, judge, restore, started, startFailed, type WorkerState } from "./state/worker-state.ts";
import { WorkerStates } from "./state/worker-states.ts";
import { statusOf } from "./status.ts";
import type { StopLadder } from "./stop/stop-ladder.ts";
import { letGo, patchStatus, writeStatus } from "./writes.ts";

export interface InstanceReconcilerOptions {
  instances: Lister<Instance>;
  sources: Sources;
  /** False while it is not known yet whether all that an Instance names is there; its key comes back. */
  isComplete: (instance: Stored<Instance>) => boolean;
  masks: SecretMasks;
  client: Client;
  runtime: Runtime;
  prober: Prober;
  ladder: StopLadder;
  orphans: Pick<Orphans, "compared" | "under">;
  recorder: EventRecorder;
  clock: Clock;
  logger: Logger;
  mode: () => Situation["mode"];
  /** While stopping: milliseconds until whatever is left is killed. */
  stopWithinMs: () => number;
  defaults: () => LaunchDefaults;
}

/** Index of the Instances' lister: `namespace/name` of every Process an Instance depends on. */
export const byDependency = "dependsOn";

/** A deleted Instance with live dependants waits this long to see whether they are deleted too, and then for them. */
const STABILIZATION_MS = 300;

/** start, probe, and a change of mind: more turns than these in one reconcile would be a loop. */
const MOST_TURNS = 4;

/** Enough that the runtime never waits for us; the others can still be called off when the daemon stops (P9). */
const STARTS_AT_ONCE = 32;

/**
 * The agent's walk: what is wanted (Lister), what is (Runtime), close the gap, write status once. Adoption after a daemon
 * restart is this same walk.
 */
export class InstanceReconciler implements Reconciler {
  readonly #options: InstanceReconcilerOptions;
  readonly #workers = new WorkerStates();
  readonly #starts = new Semaphore(STARTS_AT_ONCE);
  readonly #statusDebounce: StatusDebounce;

  constructor(options: InstanceReconcilerOptions) {
    this.#options = options;
    this.#statusDebounce = new StatusDebounce(options.clock, () => this.#starts.waiting > 0);
  }

  /** How many Instances something is remembered of (P19). */
  get remembered(): number {
    return this.#workers.size;
  }

  async reconcile({ key }: Request): Promise<Outcome> {
    const instance = this.#options.instances.get(key);
    if (!instance) {
      this.#forget(key);
      return done;
    }
    if (!this.#ending(instance) && !this.#options.isComplete(instance)) return done;
    this.#recall(instance);
    let decided: Plan = { steps: [], rule: "Undecided", message: "" };
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      decided = plan(this.#look(instance));
      if (decided.steps.length === 0) break;
      for (const step of decided.steps) await this.#perform(instance, step);
      if (!this.#workerOf(instance)) return done; // released
    }
    const told = statusOf(this.#look(instance), decided, this.#options.clock.wall());
    const status = this.#options.masks.inMessages(instance, told);
    const waitMs = await this.#report(instance, status);
    const againMs = Math.min(decided.againMs ?? Number.POSITIVE_INFINITY, waitMs ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(againMs) ? again(againMs) : done;
  }

  /** Every Instance that is not on its way out is ended too when the daemon stops. */
  #ending(instance: Stored<Instance>): boolean {
    return instance.metadata.deletionTimestamp !== undefined || this.#options.mode() === "stopping";
  }

  /** At first sight of an Instance its worker state is restored from its status. Each reconcile tries missing references again. */
  #recall(instance: Stored<Instance>): void {
    const { clock, runtime } = this.#options;
    const uid = instance.metadata.uid;
    let worker = this.#workerOf(instance);
    if (!worker) {
      const process = runtime.get(uid);
      worker = restore(instance, process, clock.now(), clock.wall());
      if (process?.phase === "running") this.#say(instance, "Normal", "Adopted", `found running as pid ${process.pid}`);
    }
    const { configError: _, ...retried } = worker;
    this.#workers.set(keyOf(instance), uid, retried);
  }

  /** Takes in what happened: an exit is judged (once), a finished stop is remembered. Before every decision, or an exit could be missed. */
  #takeIn(instance: Stored<Instance>): void {
    const { runtime, ladder, clock } = this.#options;
    const uid = instance.metadata.uid;
    const process = runtime.get(uid);
    const stop = ladder.get(uid);
    this.#update(instance, (worker) => {
      const judged = process ? judge(worker, instance, process, clock.now()) : worker;
      if (judged !== worker && process) this.#sayExit(instance, process.run, judged);
      if (stop?.phase !== "stopped" || judged.lastStop === stop.report) return judged;
      this.#say(instance, "Normal", "Stopped", stop.report.message);
      return { ...judged, lastStop: stop.report };
    });
  }

  #sayExit(instance: Stored<Instance>, run: number, { lastTerminated, verdict }: WorkerState): void {
    const normal = lastTerminated?.reason === "Completed" || lastTerminated?.reason === "Deleted";
    this.#say(instance, normal ? "Normal" : "Warning", "Exited", `run ${run} ended: ${exitWords(lastTerminated)}`);
    if (verdict?.kind === "restart" && verdict.delayMs > 0 && !this.#ending(instance)) {
      this.#say(instance, "Warning", "BackOff", `waiting ${verdict.delayMs / 1000}s before the next start`);
    }
  }

  #look(instance: Stored<Instance>): Situation {
    this.#takeIn(instance);
    const { runtime, prober, ladder, clock, mode, stopWithinMs, defaults } = this.#options;
    const uid = instance.metadata.uid;
    const now = clock.now();
    const process = runtime.get(uid);
    const stop = ladder.get(uid);
    const probes = prober.get(uid);
    return {
      instance,
      mode: mode(),
      stopWithinMs: stopWithinMs(),
      worker: this.#workerOf(instance) ?? restore(instance, process, now, clock.wall()),
      ...(process ? { process } : {}),
      ...(stop ? { stop } : {}),
      ...(probes ? { probes } : {}),
      ...this.#dependants(instance, now),
      ...this.#orphan(instance),
      defaultStopSignal: defaults().stopSignal,
      now,
    };
  }

  #dependants(instance: Stored<Instance>, now: number): Pick<Situation, "dependants" | "stabilizationMs"> {
    const { instances: lister, runtime, ladder } = this.#options;
    if (!this.#ending(instance) || !instance.spec.processName) return { dependants: [] };
    const name = `${instance.metadata.namespace}/${instance.spec.processName}`;
    const live = lister.by(byDependency, name).filter((other) => {
      const { uid } = other.metadata;
      return isAlive(runtime.get(uid)) && !ladder.isStubborn(uid);
    });
    if (live.length === 0) return { dependants: [] };
    const stabilizationMs = STABILIZATION_MS - this.#workers.endingFor(keyOf(instance), now);
    if (stabilizationMs > 0) return { dependants: live.map((other) => other.metadata.name), stabilizationMs };
    return { dependants: live.filter((other) => this.#ending(other)).map((other) => other.metadata.name) };
  }

  #orphan(instance: Stored<Instance>): Pick<Situation, "orphan"> {
    const orphan = this.#options.orphans.under(keyOf(instance));
    return orphan === undefined ? {} : { orphan };
  }

  #perform(instance: Stored<Instance>, step: Step): Promise<void> | void {
    const { runtime, ladder } = this.#options;
    const uid = instance.metadata.uid;
    switch (step.do) {
      case "start":
        return this.#start(instance, step.run);
      case "probe":
        return this.#probe(instance);
      case "stop":
        return this.#stop(instance, step);
      case "shorten-grace":
        return ladder.shorten(uid, step.graceMs);
      case "end-leftovers":
        return runtime.kill(uid);
      case "forgive":
        return this.#update(instance, forgive);
      case "release":
        return this.#release(instance);
    }
  }

  async #stop(instance: Stored<Instance>, step: Step & { do: "stop" }): Promise<void> {
    const { client, runtime, ladder, prober } = this.#options;
    const { uid } = instance.metadata;
    prober.remove(uid);
    this.#update(instance, (worker) => ({ ...worker, interruption: step.why }));
    // Before the act: were the daemon killed now, the next one would take the exit code for the program's own.
    if (failedProbe(step.why) && instance.status?.interruption !== step.why) {
      const run = this.#workerOf(instance)?.run ?? 0;
      await patchStatus(client, instance, { run, interruption: step.why });
    }
    this.#say(instance, step.why === "Deleted" ? "Normal" : "Warning", "Stopping", step.message);
    ladder.begin({ uid, run: runtime.get(uid)?.run ?? 0, rungs: step.rungs, graceMs: step.graceMs });
  }

  async #start(instance: Stored<Instance>, run: number): Promise<void> {
    const resolved = resolveReferences(instance, this.#options.sources);
    if ("missing" in resolved) {
      this.#say(instance, "Warning", "CreateConfigError", resolved.missing);
      return this.#update(instance, (worker) => ({ ...worker, configError: resolved.missing }));
    }
    await this.#starts.run(() => this.#launch(instance, run, resolved));
  }

  async #launch(instance: Stored<Instance>, run: number, resolved: Values): Promise<void> {
    const { runtime, ladder, prober, clock, mode, defaults, masks } = this.#options;
    const uid = instance.metadata.uid;
    await this.#options.orphans.compared;
    if (this.#options.orphans.under(keyOf(instance)) !== undefined) return;
    if (mode() !== "running") return; // the daemon began to stop meanwhile (P9)
    ladder.clear(uid);
    prober.remove(uid);
    masks.begin(instance);
    try {
      const process = await runtime.start(launchSpec(instance, run, resolved, defaults()));
      this.#update(instance, (worker) => started(worker, run, clock.now()));
      this.#say(instance, "Normal", "Started", `run ${run} started as pid ${process.pid}`);
      for (const { field, reason } of process.unenforced)
        this.#say(instance, "Warning", "NotEnforced", `${field}: ${reason}`);
    } catch (error) {
      if (!(error instanceof StartError) && mode() !== "running") throw error;
      // Whatever kept it from starting is shown: status never goes on telling of the run before.
      const failure = failureOf(error);
      this.#say(instance, "Warning", "FailedStart", failure.message);
      this.#update(instance, (worker) => startFailed(worker, instance, failure, clock.now()));
    }
  }

  #probe(instance: Stored<Instance>): void {
    const { runtime, prober, sources } = this.#options;
    const process = runtime.get(instance.metadata.uid);
    if (process?.phase !== "running") return;
    const target = { uid: process.uid, run: process.run, startedAt: process.startedAt };
    const { status } = instance;
    // An adopted run keeps what its status said, so that a daemon restart does not look like an outage.
    const known = process.adopted && status?.run === process.run;
    const initial = known ? { started: status.started === true, ready: status.ready === true } : undefined;
    prober.set(
      target,
      probeSetOf(instance.spec, (header) => headerValue(instance, header, sources)),
      initial,
    );
  }

  async #release(instance: Stored<Instance>): Promise<void> {
    const { runtime, prober, client } = this.#options;
    const { uid } = instance.metadata;
    prober.remove(uid);
    await runtime.forget(uid);
    await letGo(client, instance);
    this.#forget(keyOf(instance));
    this.#drop(uid);
  }

  #forget(key: Key): void {
    this.#workers.forget(key);
    this.#statusDebounce.forget(key);
  }

  /** What others remember of an Instance whose end nobody waits for any more. */
  #drop(uid: string): void {
    const { prober, ladder, masks } = this.#options;
    prober.remove(uid);
    masks.forget(uid);
    ladder.clear(uid);
  }

  /** Resolves with how long it must wait, when others wait to be started. */
  async #report(instance: Stored<Instance>, status: InstanceStatus): Promise<number | undefined> {
    if (sameJson(status, instance.status ?? {})) return undefined;
    const waitMs = this.#statusDebounce.waitMs(keyOf(instance));
    if (waitMs === undefined) await writeStatus(this.#options.client, instance, status);
    return waitMs;
  }

  #workerOf(instance: Stored<Instance>): WorkerState | undefined {
    return this.#workers.get(keyOf(instance), instance.metadata.uid);
  }

  #update(instance: Stored<Instance>, change: (worker: WorkerState) => WorkerState): void {
    this.#workers.update(keyOf(instance), instance.metadata.uid, change);
  }

  #say(instance: Stored<Instance>, type: "Normal" | "Warning", reason: string, message: string): void {
    this.#options.recorder.event(instance, type, reason, this.#options.masks.of(instance).mask(message));
  }
}

const failureOf = (error: unknown): { reason: string; message: string } =>
  error instanceof StartError
    ? { reason: error.reason, message: error.message }
    : { reason: "SystemError", message: error instanceof Error ? error.message : String(error) };
