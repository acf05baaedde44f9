import type { Worker } from "node:worker_threads";
import { startWorker } from "../lib/worker.ts";

/** Folder to be removed; null: no more. */
export type ToRemove = string | null;

export interface Removed {
  path: string;
  error?: unknown;
}

/**
 * Removes folders in a thread of its own, which lives only while there is one to be removed: what a workload has filled may take minutes, and
 * nobody else is to wait for it (P16).
 */
export class TreeRemover {
  readonly #script: URL;
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();
  #worker: Worker | undefined;

  /** A worker that takes `ToRemove` and answers each with `Removed`. */
  constructor(script: URL) {
    this.#script = script;
  }

  /** Resolves when it is gone. Asked twice for the same folder, it is removed once. Rejects with the system's error, or when closed. */
  remove(path: string): Promise<void> {
    const known = this.#waiting.get(path);
    if (known) return known.promise;
    const waiting = Promise.withResolvers<void>();
    this.#waiting.set(path, waiting);
    this.#worker ??= this.#begin();
    this.#worker.postMessage(path satisfies ToRemove);
    return waiting.promise;
  }

  /** What is not gone by then stays for the next daemon. */
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
