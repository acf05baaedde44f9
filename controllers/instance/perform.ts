import type { Client } from "../../api/client.ts";
import { isCrashLooping } from "../../api/health/crash-loop.ts";
import { keyOf, type Stored } from "../../api/object.ts";
import type { Instance } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import type { Prober } from "../../runtime/probes/prober.ts";
import { type Runtime, StartError } from "../../runtime/runtime.ts";
import type { InstanceEvents } from "./events.ts";
import type { StoreSessions } from "./homes/store-sessions.ts";
import type { UnusedHomes } from "./homes/unused-homes.ts";
import { copyOf } from "./launch/copy-of.ts";
import type { Sources } from "./launch/files-of.ts";
import { requireFreePorts } from "./launch/free-ports.ts";
import { type LaunchDefaults, launchSpec } from "./launch/launch-spec.ts";
import { probeSetOf } from "./launch/probe-set.ts";
import { headerValue, resolveReferences, type Values } from "./launch/references.ts";
import type { SecretMasks } from "./launch/secret-masks.ts";
import type { Orphans } from "./orphans.ts";
import type { PortNumbers } from "./ports/port-numbers.ts";
import type { Reloader } from "./reload/reloader.ts";
import type { Mode, Step } from "./situation.ts";
import { failedProbe } from "./state/terminated.ts";
import { resetFailures, started, startFailed } from "./state/worker-state.ts";
import type { WorkerStates } from "./state/worker-states.ts";
import type { Stopper } from "./stop/stopper.ts";
import { patchStatus, removeFinalizer } from "./writes.ts";

export interface PerformerOptions {
  client: Client;
  runtime: Runtime;
  prober: Prober;
  stopper: Stopper;
  orphans: Pick<Orphans, "compared" | "under">;
  homes: Pick<UnusedHomes, "look">;
  storeSessions: Pick<StoreSessions, "current">;
  ports: Pick<PortNumbers, "renounce">;
  sources: Sources;
  masks: SecretMasks;
  reloader: Pick<Reloader, "begin" | "forget">;
  events: InstanceEvents;
  clock: Clock;
  mode: () => Mode;
  defaults: () => LaunchDefaults;
  /** The runtime has the start no longer in hand: the process lives, or there is none. */
  onStartEnded: (instance: Stored<Instance>) => void;
}

/** Enough that the runtime never waits for us; the others can still be called off when the daemon stops (P9). */
const STARTS_AT_ONCE = 32;
/** Of programs in a crash loop: the runtime makes one start after the other, and a healthy program shall not wait for more than these (P16). */
const CRASH_LOOPS_AT_ONCE = 2;

/** Carries out the steps of a plan, one at a time for each Instance. */
export class Performer {
  readonly #options: PerformerOptions;
  readonly #workers: WorkerStates;
  readonly #starts = new Semaphore(STARTS_AT_ONCE);
  readonly #startsOfCrashLoops = new Semaphore(CRASH_LOOPS_AT_ONCE);
  /** Uids of the Instances whose start the runtime has in hand. */
  readonly #starting = new Set<string>();

  constructor(options: PerformerOptions, workers: WorkerStates) {
    this.#options = options;
    this.#workers = workers;
  }

  /** A process of it may come to life at any moment. */
  isStarting(uid: string): boolean {
    return this.#starting.has(uid);
  }

  perform(instance: Stored<Instance>, step: Step): Promise<void> | void {
    const { stopper } = this.#options;
    const { uid } = instance.metadata;
    switch (step.do) {
      case "start":
        return this.#start(instance, step.run);
      case "probe":
        return this.#probe(instance);
      case "reload":
        return this.#options.reloader.begin(instance);
      case "stop":
        return this.#stop(instance, step);
      case "shorten-grace":
        return stopper.shorten(uid, step.graceMs);
      case "end-leftovers":
        return this.#endLeftovers(instance);
      case "reset-failures":
        return this.#workers.update(instance, resetFailures);
      case "release":
        return this.#release(instance);
    }
  }

  /** What a program leaves when it puts itself into the background: told once for each run. */
  #endLeftovers(instance: Stored<Instance>): Promise<void> | void {
    const { runtime, events } = this.#options;
    const { uid } = instance.metadata;
    const run = runtime.get(uid)?.run ?? 0;
    if (this.#workers.get(instance)?.leftoversOf !== run) {
      const advice = "a program that goes into the background must be told to stay in the foreground";
      events.warning(
        instance,
        "LeftoversKilled",
        `the main process of run ${run} has ended; what it left running is killed: ${advice}`,
      );
      this.#workers.update(instance, (worker) => ({ ...worker, leftoversOf: run }));
    }
    return runtime.kill(uid);
  }

  async #start(instance: Stored<Instance>, run: number): Promise<void> {
    const resolved = resolveReferences(instance, this.#options.sources);
    if ("missing" in resolved) {
      this.#options.events.warning(instance, "CreateConfigError", resolved.missing);
      return this.#workers.update(instance, (worker) => ({ ...worker, configError: resolved.missing }));
    }
    const worker = this.#workers.get(instance);
    const starts = worker && isCrashLooping(worker) ? this.#startsOfCrashLoops : this.#starts;
    await starts.run(() => this.#launch(instance, run, resolved));
  }

  async #launch(instance: Stored<Instance>, run: number, resolved: Values): Promise<void> {
    const { runtime, stopper, prober, clock, mode, defaults, masks, orphans, events, storeSessions } = this.#options;
    const { uid } = instance.metadata;
    await orphans.compared;
    if (orphans.under(keyOf(instance)) !== undefined) return;
    if (mode() !== "running") return; // The daemon has begun to stop meanwhile (P9).
    stopper.clear(uid);
    prober.remove(uid);
    const given = masks.begin(instance);
    this.#starting.add(uid);
    try {
      if (instance.spec.ports) {
        await requireFreePorts(instance, runtime, (name) => this.#options.ports.renounce(instance, name));
        if (mode() !== "running") return;
      }
      const spec = launchSpec(instance, run, resolved, defaults());
      const copy = { ...spec.copy, store: storeSessions.current };
      const process = await runtime.start({ ...spec, copy, ...(given !== undefined && { given }) });
      this.#workers.update(instance, (worker) => started(worker, run, clock.now()));
      events.normal(instance, "Started", `run ${run} started as pid ${process.pid}`);
      for (const { field, reason } of process.unenforced)
        events.warning(instance, "NotEnforced", `${field}: ${reason}`);
    } catch (error) {
      if (!(error instanceof StartError) && mode() !== "running") throw error;
      // Whatever kept it from starting is shown: status never goes on telling of the run before.
      const failure = failureOf(error);
      events.warning(instance, "FailedStart", failure.message);
      this.#workers.update(instance, (worker) => startFailed(worker, instance, failure, clock.now()));
    } finally {
      this.#starting.delete(uid);
      this.#options.onStartEnded(instance);
    }
  }

  #probe(instance: Stored<Instance>): void {
    const { runtime, prober, sources } = this.#options;
    const process = runtime.get(instance.metadata.uid);
    if (process?.phase !== "running") return;
    const target = { uid: process.uid, run: process.run, startedAt: process.startedAt };
    const { status } = instance;
    // An adopted run keeps what its status said, so that a restart of the daemon does not look like an outage.
    const known = process.adopted && status?.run === process.run;
    const initial = known ? { started: status.started === true, ready: status.ready === true } : undefined;
    const probes = probeSetOf(instance, (header) => headerValue(instance, header, sources));
    prober.set(target, probes, initial);
  }

  async #stop(instance: Stored<Instance>, step: Step & { do: "stop" }): Promise<void> {
    const { client, runtime, stopper, prober, events, masks } = this.#options;
    const { uid } = instance.metadata;
    prober.remove(uid);
    // Masked now: it is told when the run has ended, and the next one may be given another value of a Secret.
    const said = masks.of(instance).mask(step.message);
    this.#workers.update(instance, (worker) => ({
      ...worker,
      interruption: step.why,
      ...(failedProbe(step.why) && { probeFailure: said }),
    }));
    // Before the act: were the daemon killed now, the next one would take the exit code for the program's own.
    if ((failedProbe(step.why) || step.why === "Suspended") && instance.status?.interruption !== step.why) {
      const run = this.#workers.get(instance)?.run ?? 0;
      await patchStatus(client, instance, { run, interruption: step.why });
    }
    events[step.why === "Deleted" || step.why === "Suspended" ? "normal" : "warning"](
      instance,
      "Stopping",
      step.message,
    );
    stopper.begin({ uid, run: runtime.get(uid)?.run ?? 0, stages: step.stages, graceMs: step.graceMs });
  }

  /** The records go first: when the finalizer is gone nothing tells of them any more. */
  async #release(instance: Stored<Instance>): Promise<void> {
    const { runtime, prober, client, stopper, masks, homes, storeSessions, reloader } = this.#options;
    const { uid } = instance.metadata;
    prober.remove(uid);
    await runtime.forget(uid, { ...copyOf(instance), store: storeSessions.current });
    await homes.look(instance);
    await removeFinalizer(client, instance);
    this.#workers.forget(keyOf(instance));
    masks.forget(uid);
    reloader.forget(uid);
    stopper.clear(uid);
  }
}

const failureOf = (error: unknown): { reason: string; message: string } =>
  error instanceof StartError
    ? { reason: error.reason, message: error.message }
    : { reason: "SystemError", message: error instanceof Error ? error.message : String(error) };
