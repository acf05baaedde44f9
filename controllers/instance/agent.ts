import type { Client } from "../../api/client.ts";
import { keyOf, type Stored } from "../../api/object.ts";
import { instances } from "../../api/scheme.ts";
import type { Instance } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { Controller, type ControllerMetrics } from "../../machinery/controller.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import { Informer } from "../../machinery/informer.ts";
import type { Manager } from "../../machinery/manager.ts";
import type { ProbeReport, Prober } from "../../runtime/probes/prober.ts";
import type { Runtime, RuntimeEvent } from "../../runtime/runtime.ts";
import { InstanceEvents } from "./events.ts";
import type { StoreSessions } from "./homes/store-sessions.ts";
import { UnusedHomes } from "./homes/unused-homes.ts";
import { instanceIndexers } from "./indexes.ts";
import { isAlive } from "./is-alive.ts";
import { followReferences } from "./launch/follow-references.ts";
import { InstanceSources } from "./launch/instance-sources.ts";
import type { LaunchDefaults } from "./launch/launch-spec.ts";
import { resolveRun } from "./launch/resolve-run.ts";
import type { Seal } from "./launch/seal.ts";
import { SecretMasks } from "./launch/secret-masks.ts";
import { OrphanSearch } from "./orphan-search.ts";
import { Orphans } from "./orphans.ts";
import type { PortFile } from "./ports/port-file.ts";
import { PortNumbers, type PortRange } from "./ports/port-numbers.ts";
import { InstanceReconciler } from "./reconciler.ts";
import { Reloader } from "./reload/reloader.ts";
import type { Mode } from "./situation.ts";
import { Shutdown } from "./stop/shutdown.ts";
import { Stopper } from "./stop/stopper.ts";
import { WakeUps } from "./wake-ups.ts";

export interface AgentOptions {
  /** It acts in the name of the node. */
  client: Client;
  /** Removes the finalizer of Instances whose node is gone. */
  instanceCollector: Client;
  /** Sees which Processes there are. */
  homeCollector: Client;
  runtime: Runtime;
  prober: Prober;
  recorder: EventRecorder;
  clock: Clock;
  logger: Logger;
  nodeName: string;
  concurrency: number;
  metrics?: ControllerMetrics;
  defaults: () => LaunchDefaults;
  isStoreHealthy: () => boolean;
  storeSessions: StoreSessions;
  seal: Seal;
  /** Remembers which ports were given to which copy. Absent: as long as the agent lives. */
  portFile?: PortFile;
  portRange: () => PortRange;
  /** Each Instance is reconciled at least once in this period, even without an event. Absent: never. */
  resyncMs?: number;
  /** From 0 to below 1; spreads periodic work. */
  random: () => number;
}

/**
 * What the kubelet is in Kubernetes: it makes the processes of this machine be what the Instances of its node say. Exits, probe results and
 * changed specs all become keys in one queue. Nothing else in the daemon touches processes.
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #instances: Informer<Instance>;
  readonly #wakeUps: WakeUps;
  readonly #sources: InstanceSources;
  readonly #ports: PortNumbers;
  readonly #masks: SecretMasks;
  readonly #reloader: Reloader;
  readonly #events: InstanceEvents;
  readonly #stopper: Stopper;
  readonly #orphans: Orphans;
  readonly #orphanSearch: OrphanSearch;
  readonly #homes: UnusedHomes;
  readonly #shutdown: Shutdown;
  readonly #reconciler: InstanceReconciler;
  readonly #controller: Controller;
  #mode: Mode = "running";

  constructor(options: AgentOptions) {
    this.#options = options;
    const { client, clock, logger, runtime, nodeName, resyncMs, random } = options;
    const informing = { client, clock, logger, random, ...(resyncMs === undefined ? {} : { resyncMs }) };
    this.#instances = new Informer({
      ...informing,
      resource: instances,
      fieldSelector: `spec.nodeName=${nodeName}`,
      indexers: instanceIndexers,
    });
    this.#wakeUps = new WakeUps(this.#instances.lister, (key) => this.#controller.queue.add(key));
    this.#sources = new InstanceSources(informing);
    this.#ports = new PortNumbers({
      file: options.portFile,
      range: options.portRange,
      instances: () => this.#instances.lister.list(),
    });
    this.#masks = new SecretMasks({
      sources: this.#sources,
      seal: options.seal,
      sealedOf: (uid) => runtime.get(uid)?.given,
    });
    this.#events = new InstanceEvents(options.recorder, this.#masks);
    this.#reloader = new Reloader({
      runtime,
      clock,
      sources: this.#sources,
      events: this.#events,
      masks: this.#masks,
      wake: (uid) => this.#wakeUps.wake(uid),
    });
    this.#stopper = new Stopper({ runtime, clock, logger, onChange: (uid) => this.#stopMoved(uid) });
    this.#shutdown = new Shutdown(clock, {
      stopAll: () => this.#stopAll(),
      idle: () => this.#controller.idle(),
      isBusy: () => options.runtime.list().some((one) => isAlive(one) && !this.#stopper.hasSurvivedKill(one.uid)),
      longestGrace: () =>
        Math.max(0, ...this.#instances.lister.list().map(({ spec }) => spec.stop?.gracePeriodSeconds ?? 30)),
    });
    this.#homes = new UnusedHomes(options);
    this.#orphans = new Orphans({
      ...options,
      stopper: this.#stopper,
      stopWithinMs: () => this.#shutdown.killInMs,
      drop: (uid) => this.#drop(uid),
      ended: (label) => this.#controller.queue.add(label),
    });
    this.#orphanSearch = new OrphanSearch({ orphans: this.#orphans, homes: this.#homes, clock, logger, random });
    this.#reconciler = this.#makeReconciler();
    this.#controller = this.#makeController();
    runtime.resolveWith((uid) => {
      const instance = this.#wakeUps.find(uid);
      return resolveRun(instance && this.#ports.fill(instance), this.#sources, options.defaults());
    });
  }

  /** Hands its parts to the manager. `runtime.recover` must have been called. */
  register(manager: Manager): void {
    manager.addInformer(this.#instances);
    this.#sources.register(manager);
    manager.addController(this.#controller);
    const { runtime, prober } = this.#options;
    manager.add({
      name: "agent",
      start: async (signal) => {
        const unsubscribe = [
          runtime.subscribe((event) => this.#observe(event)),
          prober.subscribe((uid, report) => this.#probed(uid, report)),
        ];
        // Nobody saw what happened between `recover` and now.
        this.#wakeUps.wakeAll();
        await this.#orphanSearch.run(signal);
        for (const end of unsubscribe) end();
      },
    });
  }

  setConcurrency(concurrency: number): void {
    this.#controller.setConcurrency(concurrency);
  }

  /** Nothing is started, stopped or restarted any more, except what is deleted. Workloads go on. */
  pause(): void {
    if (this.#mode === "running") this.#mode = "paused";
    this.#wakeUps.wakeAll();
  }

  resume(): void {
    if (this.#mode === "paused") this.#mode = "running";
    this.#wakeUps.wakeAll();
  }

  /**
   * Starts nothing new (P9) and stops everything that the runtime knows, dependants first, within `withinMs` (absent: 180 s, or longer if
   * a longer grace period was declared). Resolves when the statuses are written, with a sentence for each process that could not be ended.
   */
  async shutdown(withinMs?: number): Promise<string[]> {
    this.#mode = "stopping";
    await this.#shutdown.run(withinMs);
    const left = this.#options.runtime.list().filter(isAlive);
    return left.map(({ uid, label, pid }) => {
      const stop = this.#stopper.get(uid);
      const why = stop?.phase === "failed" ? stop.message : "it had not ended when the time was over";
      return `${label} (pid ${pid}): ${why}`;
    });
  }

  /** Those of this node. */
  instances(): readonly Stored<Instance>[] {
    return this.#instances.lister.list();
  }

  knows(uid: string): boolean {
    return this.#wakeUps.find(uid) !== undefined;
  }

  /** How many entries each part of the agent keeps: bounded by the number of Instances (P19). */
  remembered(): Record<string, number> {
    const { prober } = this.#options;
    return {
      workers: this.#reconciler.remembered,
      statuses: this.#reconciler.held,
      stops: this.#stopper.size,
      probers: prober.size,
      orphans: this.#orphans.size,
      references: this.#sources.size,
      reloads: this.#reloader.size,
    };
  }

  #makeReconciler(): InstanceReconciler {
    const { concurrency: _, metrics: _metrics, ...rest } = this.#options;
    return new InstanceReconciler({
      ...rest,
      instances: this.#instances.lister,
      sources: this.#sources,
      ports: this.#ports,
      isComplete: (instance) => this.#sources.awaited(instance) === undefined,
      masks: this.#masks,
      reloader: this.#reloader,
      events: this.#events,
      stopper: this.#stopper,
      orphans: this.#orphans,
      homes: this.#homes,
      mode: () => this.#mode,
      stopWithinMs: () => this.#shutdown.killInMs,
      onStartEnded: (instance) => this.#wakeUps.wakeDependencies(instance),
    });
  }

  #makeController(): Controller {
    const { clock, logger, concurrency, metrics } = this.#options;
    const controller = new Controller({
      name: "instance",
      reconciler: this.#reconciler,
      clock,
      logger,
      concurrency,
      isFailing: (key) => this.#reconciler.isCrashLooping(key),
      ...(metrics ? { metrics } : {}),
    });
    this.#instances.on((event) => followReferences(event, this.#sources, (key) => controller.queue.add(key)));
    // The agent's own status writes come back as changes too; only what a decision depends on wakes it.
    controller.watch(this.#instances, ({ type, object, previous }) => {
      if (type === "Deleted") this.#orphanSearch.instanceDeleted(object);
      return type === "Changed" && onlyStatusChanged(object, previous) ? [] : [keyOf(object)];
    });
    this.#sources.on((reference) => this.#wakeUps.wakeReferring(reference));
    return controller;
  }

  #observe(event: RuntimeEvent): void {
    if (event.type === "started") return; // Whoever started it knows.
    this.#stopper.observe(event);
    const instance = this.#wakeUps.wake(event.uid);
    if (instance) this.#events.observed(instance, event);
    if (instance) this.#wakeUps.wakeDependencies(instance);
    this.#shutdown.look();
  }

  #stopMoved(uid: string): void {
    const instance = this.#wakeUps.wake(uid);
    if (!instance) this.#orphanSearch.stopMoved(uid);
    else if (this.#stopper.hasSurvivedKill(uid)) this.#wakeUps.wakeDependencies(instance);
    this.#shutdown.look();
  }

  #drop(uid: string): void {
    this.#options.prober.remove(uid);
    this.#masks.forget(uid);
    this.#reloader.forget(uid);
    this.#stopper.clear(uid);
  }

  #probed(uid: string, report: ProbeReport): void {
    const instance = report.changed ? this.#wakeUps.wake(uid) : this.#wakeUps.find(uid);
    if (instance) this.#events.probed(instance, report);
  }

  #stopAll(): void {
    this.#wakeUps.wakeAll();
    this.#orphans.stopUnknown((uid) => this.#wakeUps.find(uid) !== undefined);
  }
}

const onlyStatusChanged = (object: Stored<Instance>, previous: Stored<Instance>): boolean =>
  object.metadata.generation === previous.metadata.generation &&
  object.metadata.deletionTimestamp === previous.metadata.deletionTimestamp &&
  object.metadata.deletionGracePeriodSeconds === previous.metadata.deletionGracePeriodSeconds;
