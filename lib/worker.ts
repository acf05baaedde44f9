import { basename } from "node:path";
import { getAsset, isSea } from "node:sea";
import { fileURLToPath } from "node:url";
import { Worker, type WorkerOptions } from "node:worker_threads";

export interface ThreadOptions extends WorkerOptions {
  /** The thread has ended by an error: it threw, or it needed more memory than it may have. What it was to answer, it never will. */
  lost: (error: Error) => void;
}

/**
 * Starts `file` (a `*-worker.ts` beside its only user) in a thread. In the single executable the same file is an asset
 * `workers/<name>.js`, put there by `scripts/build.ts`; callers do not see the difference. Everybody says what becomes of a thread that is
 * lost: a Worker whose error nobody hears ends the process in the middle of whatever it does.
 */
export function startWorker(file: URL, { lost, ...options }: ThreadOptions): Worker {
  const worker = isSea() ? inExecutable(file, options) : new Worker(file, options);
  worker.on("error", lost);
  return worker;
}

/** For `lost`: nothing can go on without this thread. The daemon ends in good order and is started again (decision 0020). */
export function endsDaemon(thread: string): (error: Error) => void {
  return (cause) => {
    throw new Error(`the ${thread} thread was lost: ${cause.message}`, { cause });
  };
}

function inExecutable(file: URL, options: WorkerOptions): Worker {
  const name = basename(fileURLToPath(file)).replace(/\.ts$/, ".js");
  return new Worker(getAsset(`workers/${name}`, "utf8"), { ...options, eval: true });
}
