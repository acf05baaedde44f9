import type { Worker } from "node:worker_threads";
import { startWorker } from "../lib/worker.ts";

/** A folder to remove; null: there are no more. */
export type ToRemove = string | null;

export interface Removed {
  path: string;
  error?: unknown;
}

/**
 * Removes folders in a thread that lives only while there is something to remove: what a workload has filled may take minutes, and nobody else shall
 * wait for it (P16).
 */
export class TreeRemover {
  readonly #script: URL;
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();
  #worker: Worker | undefined;

  /** `script`: a worker that takes `ToRemove` and answers each with `Removed`. */
  constructor(script: URL) {
    this.#script = script;
  }

  /**
   * As `remove`, but calls `here` first, which removes what it can at once. Where `here` answers false, the thread does the rest. Rejects with a
   * message for people.
   */
  async removeFolder(path: string, here: () => boolean | Promise<boolean>): Promise<void> {
    try {
      if (!(await here())) await this.remove(path);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`what is in ${path} can't be removed: ${why}`, { cause: error });
    }
  }

  /** Resolves when it is gone. Two calls for the same folder remove it once. Rejects with the system's error, or when closed. */
  remove(path: string): Promise<void> {
    const known = this.#waiting.get(path);
    if (known) return known.promise;
    const waiting = Promise.withResolvers<void>();
    this.#waiting.set(path, waiting);
    this.#worker ??= this.#begin();
    this.#worker.postMessage(path satisfies ToRemove);
    return waiting.promise;
  }

  /** What is not removed by then stays for the next daemon. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#lost(new Error("the runtime was closed before the folder was removed"));
    await worker?.terminate();
  }

  #begin(): Worker {
    const worker = startWorker(this.#script, {
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
      lost: (error) => this.#lost(error),
    });
    worker.on("message", ({ path, error }: Removed) => this.#removed(path, error));
    return worker;
  }

  #removed(path: string, error: unknown): void {
    const waiting = this.#waiting.get(path);
    this.#waiting.delete(path);
    if (error === undefined) waiting?.resolve();
    else waiting?.reject(error);
    if (this.#waiting.size > 0) return;
    this.#worker?.postMessage(null satisfies ToRemove);
    this.#worker = undefined;
  }

  #lost(error: Error): void {
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
