import { type Key, keyOf, type Stored } from "../../api/object.ts";
import type { Instance, InstanceStatus } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";
import { HeldStatuses } from "../../machinery/held-statuses.ts";
import { done, type Outcome, requeueAfter } from "../../machinery/outcome.ts";
import type { Reconciler, Request } from "../../machinery/reconciler.ts";
import { Observer, type ObserverOptions } from "./observe.ts";
import { Performer, type PerformerOptions } from "./perform.ts";
import { plan } from "./plan.ts";
import type { PortNumbers } from "./ports/port-numbers.ts";
import type { Reloader } from "./reload/reloader.ts";
import { isUnwanted, type Plan, type Situation } from "./situation.ts";
import { WorkerStates } from "./state/worker-states.ts";
import { statusOf } from "./status.ts";
import { writeStatus } from "./writes.ts";

export interface InstanceReconcilerOptions extends ObserverOptions, PerformerOptions {
  orphans: PerformerOptions["orphans"];
  defaults: PerformerOptions["defaults"];
  reloader: Reloader;
  ports: PortNumbers;
  /** False while it is not known yet whether all that an Instance names is there; its key comes back. */
  isComplete: (instance: Stored<Instance>) => boolean;
}

/** start, probe, and a change of mind: more turns than these in one reconcile would be a loop. */
const MOST_TURNS = 4;
/** Most programs that are asked to stop have done so within this time, and then nothing is left to tell of. */
const GOING_MS = 150;

/**
 * The agent's walk: what is wanted (Lister), what is (`observe`), what to do (`plan`), do it (`perform`), write the status once. Adoption after
 * a restart of the daemon is this same walk.
 */
export class InstanceReconciler implements Reconciler {
  readonly #options: InstanceReconcilerOptions;
  readonly #workers = new WorkerStates();
  readonly #heldStatuses: HeldStatuses<Instance>;
  readonly #observer: Observer;
  readonly #performer: Performer;

  constructor(options: InstanceReconcilerOptions) {
    this.#options = options;
    this.#heldStatuses = new HeldStatuses(options.clock);
    const performer = new Performer(options, this.#workers);
    this.#performer = performer;
    this.#observer = new Observer(options, this.#workers, (uid) => performer.isStarting(uid));
  }

  /** How many Instances something is remembered of (P19). */
  get remembered(): number {
    return this.#workers.size;
  }

  /** How many statuses wait for the next one. */
  get held(): number {
    return this.#heldStatuses.size;
  }

  isCrashLooping(key: Key): boolean {
    return this.#workers.isCrashLooping(key);
  }

  async reconcile({ key }: Request): Promise<Outcome> {
    const { instances, isComplete, mode, ports } = this.#options;
    const stored = instances.get(key);
    if (!stored) {
      this.#workers.forget(key);
      this.#heldStatuses.release(key);
      return done;
    }
    if (!isUnwanted(stored, mode()) && !isComplete(stored)) return done;
    const instance = ports.fill(stored);
    this.#observer.recall(instance);
    let decided: Plan = { steps: [], rule: "Undecided", message: "" };
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      decided = plan(this.#observer.look(instance));
      if (decided.steps.length === 0) break;
      for (const step of decided.steps) await this.#performer.perform(instance, step);
      if (!this.#workers.get(instance)) return done; // It was released.
    }
    const heldMs = await this.#report(stored, instance, decided);
    const waits = [decided.againMs, heldMs].filter((ms) => ms !== undefined);
    return waits.length === 0 ? done : requeueAfter(Math.min(...waits));
  }

  /** Resolves with the milliseconds for which the status may wait for the next one. */
  async #report(stored: Stored<Instance>, instance: Stored<Instance>, decided: Plan): Promise<number | undefined> {
    const { client, clock, masks } = this.#options;
    const situation = this.#observer.look(instance);
    const told = statusOf(situation, decided, clock.wall());
    const status: InstanceStatus = masks.inMessages(instance, told);
    const isNews = !sameJson(status, instance.status ?? {});
    const leftMs = isNews && isGoing(situation) ? this.#heldStatuses.hold(instance, status, GOING_MS) : 0;
    if (leftMs > 0) return leftMs;
    if (isNews) await writeStatus(client, stored, status);
    this.#heldStatuses.release(keyOf(instance));
    return undefined;
  }
}

/** It is being deleted, and there is hope that it has ended before anybody could read of it. */
const isGoing = ({ instance, mode, stop }: Situation): boolean =>
  instance.metadata.deletionTimestamp !== undefined && mode !== "stopping" && stop?.phase !== "failed";
