import { getAsset, isSea } from "node:sea";
import { Worker, type WorkerOptions } from "node:worker_threads";

export interface ThreadOptions extends WorkerOptions {
  /** An error has ended the thread: it threw, or it needed more memory than it may have. It will never answer what it was asked. */
  lost: (error: Error) => void;
}

/**
 * Starts `file` (a `*-worker.ts` beside its only user) in a thread. In the single executable the same file is an asset `workers/<name>.js`, which
 * `scripts/build.ts` puts there; callers do not see the difference. Every caller says what happens when the thread is lost: a Worker whose error
 * nobody hears ends the process in the middle of whatever it does.
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

function inExecutable({ pathname }: URL, options: WorkerOptions): Worker {
  const name = pathname.slice(pathname.lastIndexOf("/") + 1).replace(/\.ts$/, ".js");
  return new Worker(getAsset(`workers/${name}`, "utf8"), { ...options, eval: true });
}
