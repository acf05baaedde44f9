import type { Client } from "../../api/client.ts";
import { type Key, keyOf, type Stored } from "../../api/object.ts";
import { configMaps, instances, secrets } from "../../api/scheme.ts";
import type { ConfigMap, Instance, Secret } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { Controller, type ControllerMetrics } from "../../machinery/controller.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import { Informer } from "../../machinery/informer.ts";
import type { Manager } from "../../machinery/manager.ts";
import type { ProbeReport, Prober } from "../../runtime/probes/prober.ts";
import type { Runtime, RuntimeEvent } from "../../runtime/runtime.ts";
import type { LaunchDefaults } from "./launch.ts";
import { endOrphans } from "./orphans.ts";
import type { Situation } from "./plan.ts";
import { byDependency, InstanceReconciler } from "./reconciler.ts";
import { SecretMasks } from "./secret-masks.ts";
import { StopLadder } from "./stop-ladder.ts";

export interface AgentOptions {
  client: Client;
  runtime: Runtime;
  prober: Prober;
  recorder: EventRecorder;
  clock: Clock;
  logger: Logger;
  nodeName: string;
  concurrency: number;
  metrics?: ControllerMetrics;
  defaults: () => LaunchDefaults;
}

/** Indexes of the Instances' lister. */
const byUid = "uid";
const byProcess = "process";
const waitingForConfig = "waitingForConfig";

/**
 * What the kubelet is in Kubernetes: every Instance assigned to this node -> the operating system. Exits, probe results and changed
 * specs all become a key in one queue. Nothing else in the daemon touches processes.
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #instances: Informer<Instance>;
  readonly #secrets: Informer<Secret>;
  readonly #configMaps: Informer<ConfigMap>;
  readonly #masks: SecretMasks;
  readonly #ladder: StopLadder;
  readonly #controller: Controller;
  #mode: Situation["mode"] = "running";
  #onQuiet: (() => void) | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    const { client, clock, logger, runtime, nodeName } = options;
    this.#instances = new Informer({
      client,
      clock,
      logger,
      resource: instances,
      fieldSelector: `spec.nodeName=${nodeName}`,
      indexers: {
        [byUid]: (instance) => [instance.metadata.uid],
        [byProcess]: (instance) => [`${instance.metadata.namespace}/${instance.spec.processName ?? ""}`],
        [byDependency]: (instance) =>
          (instance.spec.dependsOn ?? []).map(({ name }) => `${instance.metadata.namespace}/${name}`),
        [waitingForConfig]: (instance) =>
          instance.status?.state?.waiting?.reason === "CreateConfigError" ? [instance.metadata.namespace ?? ""] : [],
      },
    });
    this.#secrets = new Informer({ client, clock, logger, resource: secrets });
    this.#configMaps = new Informer({ client, clock, logger, resource: configMaps });
    this.#masks = new SecretMasks({ secrets: this.#secrets.lister, configMaps: this.#configMaps.lister });
    this.#ladder = new StopLadder({ runtime, clock, logger, onChange: (uid) => this.#enqueue(uid) });
    this.#controller = this.#makeController();
  }

  /** Hands its parts to the manager. `runtime.recover` must have been called. */
  register(manager: Manager): void {
    manager.addInformer(this.#instances);
    manager.addInformer(this.#secrets);
    manager.addInformer(this.#configMaps);
    manager.addController(this.#controller);
    const { runtime, prober } = this.#options;
    manager.add({
      name: "agent",
      start: async (signal) => {
        const unsubscribe = [
          runtime.subscribe((event) => this.#observe(event)),
          prober.subscribe((uid, report) => this.#probed(uid, report)),
        ];
        // What happened between recover and now was seen by nobody.
        for (const instance of this.#instances.lister.list()) this.#controller.queue.add(keyOf(instance));
        await endOrphans({ ...this.#options, ladder: this.#ladder }).catch((error: unknown) =>
          this.#options.logger.error("looking for orphans failed", { error: String(error) }),
        );
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
        for (const end of unsubscribe) end();
      },
    });
  }

  setConcurrency(concurrency: number): void {
    this.#controller.setConcurrency(concurrency);
  }

  /** Reconciliation rests, workloads go on; deletions are still carried out. */
  pause(): void {
    this.#mode = "paused";
    this.#enqueueAll();
  }

  resume(): void {
    this.#mode = "running";
    this.#enqueueAll();
  }

  /** Starts nothing new (P9) and stops every instance, dependants first. Resolves when nothing is left and status is written. */
  async shutdown(): Promise<void> {
    this.#mode = "stopping";
    this.#enqueueAll();
    await this.#controller.idle(); // a start that was on its way is known to the runtime now
    await new Promise<void>((resolve) => {
      this.#onQuiet = resolve;
      this.#checkQuiet();
    });
    this.#enqueueAll();
    await this.#controller.idle();
  }

  #makeController(): Controller {
    const { concurrency, metrics, ...rest } = this.#options;
    const reconciler = new InstanceReconciler({
      ...rest,
      instances: this.#instances.lister,
      sources: { secrets: this.#secrets.lister, configMaps: this.#configMaps.lister },
      masks: this.#masks,
      ladder: this.#ladder,
      mode: () => this.#mode,
    });
    const controller = new Controller({
      name: "instance",
      reconciler,
      clock: rest.clock,
      logger: rest.logger,
      concurrency,
      ...(metrics ? { metrics } : {}),
    });
    // The agent's own status writes come back as changes too; only what a decision depends on wakes it.
    controller.watch(this.#instances, ({ type, object, previous }) =>
      type === "Changed" && onlyStatusChanged(object, previous) ? [] : [keyOf(object)],
    );
    controller.watch(this.#secrets, ({ object }) => this.#waitingIn(object.metadata.namespace));
    controller.watch(this.#configMaps, ({ object }) => this.#waitingIn(object.metadata.namespace));
    return controller;
  }

  #waitingIn(namespace: string | undefined): Key[] {
    return this.#instances.lister.by(waitingForConfig, namespace ?? "").map(keyOf);
  }

  #observe(event: RuntimeEvent): void {
    this.#ladder.observe(event);
    const instance = this.#enqueue(event.uid);
    if (event.type === "limit" && instance) {
      const reason = event.limit === "memory" ? "MemoryLimitExceeded" : "ProcessLimitExceeded";
      this.#options.recorder.event(instance, "Warning", reason, this.#masks.of(instance).mask(event.message));
    }
    if (event.type === "log-emptied" && instance) {
      this.#options.recorder.event(instance, "Warning", "LogTruncated", event.message);
    }
    // What waited for its dependants to end may go on.
    for (const { name } of instance?.spec.dependsOn ?? []) {
      for (const other of this.#instances.lister.by(byProcess, `${instance?.metadata.namespace}/${name}`)) {
        this.#controller.queue.add(keyOf(other));
      }
    }
    this.#checkQuiet();
  }

  /** Events in the words of the kubelet. */
  #probed(uid: string, { kind, result, changed }: ProbeReport): void {
    const instance = changed ? this.#enqueue(uid) : this.#find(uid);
    const probe = kind.charAt(0).toUpperCase() + kind.slice(1);
    if (!instance) return;
    const said = this.#masks.of(instance).mask(result.message);
    if (result.outcome === "failure") {
      const how = result.errored ? "errored" : "failed";
      this.#options.recorder.event(instance, "Warning", "Unhealthy", `${probe} probe ${how}: ${said}`);
    } else if (result.warning) {
      this.#options.recorder.event(instance, "Warning", "ProbeWarning", `${probe} probe warning: ${said}`);
    }
  }

  #find(uid: string): Stored<Instance> | undefined {
    return this.#instances.lister.by(byUid, uid)[0];
  }

  #enqueue(uid: string): Stored<Instance> | undefined {
    const instance = this.#find(uid);
    if (instance) this.#controller.queue.add(keyOf(instance));
    return instance;
  }

  #enqueueAll(): void {
    for (const instance of this.#instances.lister.list()) this.#controller.queue.add(keyOf(instance));
  }

  #checkQuiet(): void {
    if (this.#onQuiet && !this.#isBusy()) this.#onQuiet();
  }

  #isBusy(): boolean {
    const { runtime } = this.#options;
    return this.#instances.lister.list().some((instance) => {
      const process = runtime.get(instance.metadata.uid);
      return process !== undefined && (process.phase === "running" || process.treeAlive);
    });
  }
}

const onlyStatusChanged = (object: Stored<Instance>, previous: Stored<Instance>): boolean =>
  object.metadata.generation === previous.metadata.generation &&
  object.metadata.deletionTimestamp === previous.metadata.deletionTimestamp &&
  object.metadata.deletionGracePeriodSeconds === previous.metadata.deletionGracePeriodSeconds;
