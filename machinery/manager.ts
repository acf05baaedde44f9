import { Cleanup } from "../lib/cleanup.ts";
import type { Logger } from "../lib/logger.ts";
import { abortable } from "./abortable.ts";
import type { Controller } from "./controller.ts";
import type { SharedInformer } from "./informer.ts";

/** Anything that runs beside the controllers, as a source of manifests. It begins when the caches are synced, and resolves when the signal has aborted. */
export interface Runnable {
  readonly name: string;
  start(signal: AbortSignal): Promise<void>;
}

/** The part of an informer that the manager needs. */
type StartedInformer = Pick<SharedInformer, "resource" | "synced" | "start">;

/** Starts the informers, waits until they are synced, and starts the controllers and the rest; stops them in the reverse order. */
export class Manager {
  readonly #logger: Logger;
  readonly #informers: StartedInformer[] = [];
  readonly #controllers: Controller[] = [];
  readonly #runnables: Runnable[] = [];
  readonly #cleanup = new Cleanup();
  readonly #unsynced = new Set<StartedInformer>();
  readonly #ended = new Map<string, string>();

  constructor({ logger }: { logger: Logger }) {
    this.#logger = logger;
  }

  addInformer<I extends StartedInformer>(informer: I): I {
    this.#informers.push(informer);
    this.#unsynced.add(informer);
    return informer;
  }

  addController(controller: Controller): Controller {
    this.#controllers.push(controller);
    return controller;
  }

  add(runnable: Runnable): void {
    this.#runnables.push(runnable);
  }

  /** Resolves when every cache is synced and every controller works; rejects when the signal aborts before. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (const informer of this.#informers) this.#run(`informer ${informer.resource.plural}`, (s) => informer.start(s));
    await abortable(Promise.all(this.#informers.map((informer) => this.#sync(informer))), signal);
    for (const controller of this.#controllers) this.#run(`controller ${controller.name}`, (s) => controller.start(s));
    for (const runnable of this.#runnables) this.#run(runnable.name, (s) => runnable.start(s));
  }

  /** Resources whose first list is not in the cache yet: no controller works before. */
  get unsynced(): string[] {
    return Array.from(this.#unsynced, ({ resource }) => resource.plural);
  }

  /** The parts that have ended although nobody stopped them, each with the reason. Their work is not done now. */
  get ended(): ReadonlyMap<string, string> {
    return this.#ended;
  }

  /** Resolves when the last reconcile has returned and the informers have ended. */
  stop(): Promise<void> {
    return this.#cleanup.run();
  }

  async #sync(informer: StartedInformer): Promise<void> {
    await informer.synced;
    this.#unsynced.delete(informer);
  }

  /** Each part has its own signal, so that they can be stopped one after the other. */
  #run(name: string, start: (signal: AbortSignal) => Promise<void>): void {
    const aborter = new AbortController();
    const end = (why: string): void => {
      if (aborter.signal.aborted) return;
      this.#ended.set(name, why);
      this.#logger.error(`${name} ended`, { error: why });
    };
    const ended = start(aborter.signal).then(
      () => end("it returned"),
      (error: unknown) => end(String(error)),
    );
    this.#cleanup.add(async () => {
      aborter.abort(new Error(`${name} is stopped`));
      await ended;
    });
  }
}
