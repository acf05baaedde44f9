import type { Client } from "../../api/client.ts";
import { isNotFound } from "../../api/errors.ts";
import { keyOf, type Stored } from "../../api/object.ts";
import { instances } from "../../api/scheme.ts";
import type { Instance } from "../../api/types.generated.ts";
import type { Logger } from "../../lib/logger.ts";
import type { ProcessState, Runtime, StopSignal } from "../../runtime/runtime.ts";
import { isAlive } from "./is-alive.ts";
import { releaseOfLostNodes } from "./node/lost-nodes.ts";
import type { StopLadder } from "./stop/stop-ladder.ts";
import { rungsOf } from "./stop/stop-order.ts";

/** Nobody knows any more what was declared. */
const GRACE_MS = 30_000;

export interface OrphansOptions {
  client: Client;
  /** Lets go of Instances whose node is gone. */
  instanceCollector: Client;
  runtime: Runtime;
  ladder: StopLadder;
  logger: Logger;
  defaults: () => { stopSignal: StopSignal };
  /** What a damaged store does not show must not be called missing (P12). */
  isStoreHealthy: () => boolean;
  /** While stopping: milliseconds until whatever is left is killed. */
  stopWithinMs: () => number;
  /** Lets everybody forget a uid. */
  drop: (uid: string) => void;
  /** Nothing is left of what had this `namespace/name`. */
  ended: (label: string) => void;
}

/**
 * A workload of this data directory whose Instance is no longer stored is stopped, as the kubelet does with pods it was not told of: nobody
 * else ever would. However the Instance went (the store was restored from an older copy, somebody edited it, an event was lost), the world
 * is compared with the API: at every deletion, and slowly for ever.
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

  /** Resolves when the first walk is over: until then nobody knows what else runs under a name. */
  get compared(): Promise<void> {
    return this.#compared.promise;
  }

  /** The pid of a process that has this name and is being ended: nothing else may be started under it yet (P2). */
  under(label: string): number | undefined {
    for (const orphan of this.#ending.values()) if (orphan.label === label) return orphan.pid;
    return undefined;
  }

  /** Compares everything. Rejects when the API does not answer: then nothing is known, and nothing is done. */
  async walk(): Promise<void> {
    try {
      await this.#compare();
    } finally {
      this.#compared.resolve();
    }
  }

  async #compare(): Promise<void> {
    const { client, instanceCollector, runtime, isStoreHealthy } = this.#options;
    // In this order: what runs now was stored before it was started.
    const processes = runtime.list();
    // Of all nodes: a workload may belong to an Instance that another node name was written into.
    const { items } = await client.list(instances);
    if (!isStoreHealthy()) return;
    const known = new Set(items.map((instance) => instance.metadata.uid));
    for (const process of processes) if (!known.has(process.uid)) await this.#end(process);
    await releaseOfLostNodes({ client: instanceCollector, runtime }, items);
  }

  /** An Instance that was seen to go. */
  async look(instance: Stored<Instance>): Promise<void> {
    const { runtime, drop } = this.#options;
    const { uid } = instance.metadata;
    const process = runtime.get(uid);
    if (!process) return drop(uid);
    this.#ending.set(uid, process); // as long as nobody knows, its successor waits
    try {
      if (await this.#isGone(instance)) return await this.#end(process);
    } catch (error) {
      this.#release(uid);
      throw error;
    }
    this.#release(uid);
  }

  /** While the daemon stops: ends what lives and is not `known` here, as an Instance of another node name; its records stay. */
  stopUnknown(isKnown: (uid: string) => boolean): void {
    for (const process of this.#options.runtime.list()) {
      if (isAlive(process) && !isKnown(process.uid)) this.#stop(process);
    }
  }

  /** The ladder has moved. */
  async moved(uid: string): Promise<void> {
    const { runtime, ladder } = this.#options;
    if (!this.#ending.has(uid) || ladder.get(uid)?.phase !== "stopped") return;
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
    const { runtime, ladder, logger } = this.#options;
    const { uid } = process;
    if (isAlive(runtime.get(uid))) {
      if (ladder.get(uid) === undefined)
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
    const { ladder, defaults, stopWithinMs } = this.#options;
    const rungs = rungsOf({ signal: defaults().stopSignal });
    if (ladder.get(uid)?.phase !== "failed")
      ladder.begin({ uid, run, rungs, graceMs: Math.min(GRACE_MS, stopWithinMs()) });
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
