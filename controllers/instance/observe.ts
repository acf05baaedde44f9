import { keyOf, type Stored } from "../../api/object.ts";
import type { Instance } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Lister } from "../../machinery/lister.ts";
import type { Prober } from "../../runtime/probes/prober.ts";
import type { Runtime, StopSignal } from "../../runtime/runtime.ts";
import type { InstanceEvents } from "./events.ts";
import { byDependency } from "./indexes.ts";
import { isAlive } from "./is-alive.ts";
import type { Orphans } from "./orphans.ts";
import type { Reloader } from "./reload/reloader.ts";
import { isUnwanted, type Mode, type Situation } from "./situation.ts";
import { exitWords } from "./state/terminated.ts";
import { judge, restore, type WorkerState } from "./state/worker-state.ts";
import type { WorkerStates } from "./state/worker-states.ts";
import type { Stopper } from "./stop/stopper.ts";

export interface ObserverOptions {
  instances: Lister<Instance>;
  runtime: Runtime;
  prober: Prober;
  stopper: Stopper;
  orphans: Pick<Orphans, "under">;
  events: InstanceEvents;
  reloader: Pick<Reloader, "look">;
  clock: Clock;
  mode: () => Mode;
  /** While stopping: milliseconds until whatever is left is killed. */
  stopWithinMs: () => number;
  defaults: () => { stopSignal: StopSignal };
}

/** An Instance that is ended while dependants of it live waits this long to see whether they are ended too, and then for them. */
const STABILIZATION_MS = 300;

/** Reasons of an end that nobody needs to be warned of. */
const AS_WANTED = new Set(["Completed", "Deleted", "Suspended"]);

/** Looks at what is: the runtime, the stop that is under way, the probes, and what is remembered of the Instance. */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #workers: WorkerStates;
  readonly #isStarting: (uid: string) => boolean;

  constructor(options: ObserverOptions, workers: WorkerStates, isStarting: (uid: string) => boolean) {
    this.#options = options;
    this.#workers = workers;
    this.#isStarting = isStarting;
  }

  /** The Instance is seen for the first time, perhaps by a daemon that has just begun: what was known of it is in its status. */
  recall(instance: Stored<Instance>): void {
    const { clock, runtime, events } = this.#options;
    const known = this.#workers.get(instance);
    const process = runtime.get(instance.metadata.uid);
    if (!known && process?.phase === "running")
      events.normal(instance, "Adopted", `found running as pid ${process.pid}`);
    // Each reconcile tries missing references again.
    const { configError: _, ...worker } = known ?? restore(instance, process, clock.now(), clock.wall());
    this.#workers.set(instance, worker);
  }

  /** Everything that the next decision depends on. What has happened since the last one is judged first. */
  look(instance: Stored<Instance>): Situation {
    this.#takeIn(instance);
    const { runtime, prober, stopper, orphans, clock, mode, stopWithinMs, defaults } = this.#options;
    const uid = instance.metadata.uid;
    const now = clock.now();
    const process = runtime.get(uid);
    const stop = stopper.get(uid);
    const probes = prober.get(uid);
    const orphan = orphans.under(keyOf(instance));
    return {
      instance,
      mode: mode(),
      stopWithinMs: stopWithinMs(),
      worker: this.#workers.get(instance) ?? restore(instance, process, now, clock.wall()),
      ...(process ? { process } : {}),
      ...(stop ? { stop } : {}),
      ...(probes ? { probes } : {}),
      reload: this.#options.reloader.look(instance),
      ...this.#dependants(instance, now),
      ...(orphan === undefined ? {} : { orphan }),
      defaultStopSignal: defaults().stopSignal,
      now,
    };
  }

  /** An exit is judged, once; a stop that has finished is remembered. */
  #takeIn(instance: Stored<Instance>): void {
    const { runtime, stopper, clock, events } = this.#options;
    const { uid } = instance.metadata;
    const process = runtime.get(uid);
    const stop = stopper.get(uid);
    this.#workers.update(instance, (worker) => {
      const isDiskFull = (): boolean => runtime.homes.isDiskFull();
      const judged = process ? judge(worker, instance, process, clock.now(), isDiskFull) : worker;
      if (judged !== worker && process) this.#tellExit(instance, process.run, judged);
      if (stop?.phase !== "stopped" || judged.lastStop === stop.report) return judged;
      events.normal(instance, "Stopped", stop.report.message);
      return { ...judged, lastStop: stop.report };
    });
  }

  #tellExit(instance: Stored<Instance>, run: number, { lastTerminated, verdict }: WorkerState): void {
    const { events, mode } = this.#options;
    const isNormal = AS_WANTED.has(lastTerminated?.reason ?? "");
    events[isNormal ? "normal" : "warning"](instance, "Exited", `run ${run} ended: ${exitWords(lastTerminated)}`);
    if (verdict?.kind === "restart" && verdict.delayMs > 0 && !isUnwanted(instance, mode())) {
      events.warning(instance, "BackOff", `waiting ${verdict.delayMs / 1000}s before the next start`);
    }
  }

  #dependants(instance: Stored<Instance>, now: number): Pick<Situation, "dependants" | "stabilizationMs"> {
    const { instances: lister, runtime, stopper, mode } = this.#options;
    if (!isUnwanted(instance, mode())) this.#workers.notEnding(instance);
    if (!isUnwanted(instance, mode()) || !instance.spec.processName) return { dependants: [] };
    const name = `${instance.metadata.namespace}/${instance.spec.processName}`;
    const live = lister.by(byDependency, name).filter((other) => {
      const { uid } = other.metadata;
      return (isAlive(runtime.get(uid)) || this.#isStarting(uid)) && !stopper.hasSurvivedKill(uid);
    });
    if (live.length === 0) return { dependants: [] };
    const stabilizationMs = STABILIZATION_MS - this.#workers.endingFor(instance, now);
    if (stabilizationMs > 0) return { dependants: live.map((other) => other.metadata.name), stabilizationMs };
    const going = live.filter((other) => isUnwanted(other, mode()));
    return { dependants: going.map((other) => other.metadata.name) };
  }
}
