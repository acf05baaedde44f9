import type { Client } from "../../api/client.ts";
import { isNotFound } from "../../api/errors.ts";
import { keyOf, type Stored } from "../../api/object.ts";
import { instances } from "../../api/scheme.ts";
import type { Instance } from "../../api/types.generated.ts";
import type { Logger } from "../../lib/logger.ts";
import type { ProcessState, Runtime, StopSignal } from "../../runtime/runtime.ts";
import { isAlive } from "./is-alive.ts";
import { releaseOfLostNodes } from "./node/lost-nodes.ts";
import { stagesOf } from "./stop/stop-request.ts";
import type { Stopper } from "./stop/stopper.ts";

/** Nobody knows any more which grace period was declared. */
const GRACE_MS = 30_000;

export interface OrphansOptions {
  client: Client;
  /** Lets go of Instances whose node is gone. */
  instanceCollector: Client;
  runtime: Runtime;
  stopper: Stopper;
  logger: Logger;
  defaults: () => { stopSignal: StopSignal };
  /** An Instance that a damaged store does not show is not missing (P12). */
  isStoreHealthy: () => boolean;
  /** While stopping: milliseconds until whatever is left is killed. */
  stopWithinMs: () => number;
  /** Makes all parts of the agent forget a uid. */
  drop: (uid: string) => void;
  /** Nothing is left of the orphan with this `namespace/name`. */
  ended: (label: string) => void;
}

/**
 * Stops each workload of this data directory whose Instance is no longer stored, as the kubelet does with orphaned pods. The Instance may be gone
 * because the store was restored from an older copy, because somebody edited it, or because an event was lost. So what runs is compared with the
 * API at every deletion, and once a minute for ever.
 */
export class Orphans {
  readonly #options: OrphansOptions;
  /** By uid. */
  readonly #ending = new Map<string, ProcessState>();
  readonly #compared = Promise.withResolvers<void>();

  constructor(options: OrphansOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#ending.size;
  }

  /** Resolves when the first search is over: before, an orphan may run under any name without anybody knowing it. */
  get compared(): Promise<void> {
    return this.#compared.promise;
  }

  /** The pid of an orphan of this name that is being stopped: nothing may be started under the name yet (P2). */
  under(label: string): number | undefined {
    for (const orphan of this.#ending.values()) if (orphan.label === label) return orphan.pid;
    return undefined;
  }

  /** Searches for all orphans. Rejects when the API does not answer; then nothing is stopped. */
  async walk(): Promise<void> {
    try {
      await this.#compare();
    } finally {
      this.#compared.resolve();
    }
  }

  async #compare(): Promise<void> {
    const { client, instanceCollector, runtime, isStoreHealthy } = this.#options;
    // The processes first: what runs now was stored before it was started.
    const processes = runtime.list();
    // Instances of all nodes: somebody may have written another node name into the one that runs here.
    const { items } = await client.list(instances);
    if (!isStoreHealthy()) return;
    const known = new Set(items.map((instance) => instance.metadata.uid));
    for (const process of processes) if (!known.has(process.uid)) await this.#end(process);
    await releaseOfLostNodes({ client: instanceCollector, runtime }, items);
  }

  /** The informer has seen that this Instance is gone. */
  async look(instance: Stored<Instance>): Promise<void> {
    const { runtime, drop } = this.#options;
    const { uid } = instance.metadata;
    const process = runtime.get(uid);
    if (!process) return drop(uid);
    this.#ending.set(uid, process); // Its successor waits until it is known.
    try {
      if (await this.#isGone(instance)) return await this.#end(process);
    } catch (error) {
      this.#release(uid);
      throw error;
    }
    this.#release(uid);
  }

  /** While the daemon stops: stops what runs and is not `known` here, as an Instance with another node name. Its records stay. */
  stopUnknown(isKnown: (uid: string) => boolean): void {
    for (const process of this.#options.runtime.list()) {
      if (isAlive(process) && !isKnown(process.uid)) this.#stop(process);
    }
  }

  /** The stop of this uid has made a step. */
  async moved(uid: string): Promise<void> {
    const { runtime, stopper } = this.#options;
    if (!this.#ending.has(uid) || stopper.get(uid)?.phase !== "stopped") return;
    const process = runtime.get(uid);
    if (process) await this.#end(process);
    else this.#gone(uid);
  }

  async #isGone(instance: Stored<Instance>): Promise<boolean> {
    const { client, isStoreHealthy } = this.#options;
    try {
      const { metadata } = await client.get(instances, keyOf(instance));
      return metadata.uid !== instance.metadata.uid;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return isStoreHealthy();
    }
  }

  async #end(process: ProcessState): Promise<void> {
    const { runtime, stopper, logger } = this.#options;
    const { uid } = process;
    if (isAlive(runtime.get(uid))) {
      if (stopper.get(uid) === undefined)
        logger.warn("stopping a workload whose instance is no longer stored", { uid, pid: process.pid });
      this.#ending.set(uid, process);
      return this.#stop(process);
    }
    try {
      await runtime.forget(uid);
      this.#gone(uid);
    } catch (error) {
      logger.warn("cannot forget a workload without an instance", { uid, error: String(error) });
    }
  }

  #stop({ uid, run }: ProcessState): void {
    const { stopper, defaults, stopWithinMs } = this.#options;
    const stages = stagesOf({ signal: defaults().stopSignal });
    if (stopper.get(uid)?.phase !== "failed")
      stopper.begin({ uid, run, stages, graceMs: Math.min(GRACE_MS, stopWithinMs()) });
  }

  #gone(uid: string): void {
    this.#options.drop(uid);
    this.#release(uid);
  }

  #release(uid: string): void {
    const label = this.#ending.get(uid)?.label;
    this.#ending.delete(uid);
    if (label !== undefined) this.#options.ended(label);
  }
}
