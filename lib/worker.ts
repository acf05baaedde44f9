import { basename } from "node:path";
import { getAsset, isSea } from "node:sea";
import { fileURLToPath } from "node:url";
import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * Starts `file` (a `*-worker.ts` beside its only user) in a thread. In the single executable the same file is an asset
 * `workers/<name>.js`, put there by `scripts/build.ts`; callers do not see the difference.
 */
export function startWorker(file: URL, options: WorkerOptions = {}): Worker {
  if (!isSea()) return new Worker(file, options);
  const name = basename(fileURLToPath(file)).replace(/\.ts$/, ".js");
  return new Worker(getAsset(`workers/${name}`, "utf8"), { ...options, eval: true });
}
