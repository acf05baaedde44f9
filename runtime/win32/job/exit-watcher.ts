import type { Worker } from "node:worker_threads";
import { endsDaemon, startWorker } from "../../../lib/worker.ts";
import { constants } from "../ffi/constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { must } from "../win32-error.ts";
import { type JobMessage, STOP, type WorkerData } from "./exit-messages.ts";
import { Job } from "./job.ts";

const INVALID_HANDLE_VALUE = -1;
const ROUNDS = 5;

/**
 * Tells what happens in jobs, without polling: one completion port, one thread that waits on it. Windows does not promise to deliver
 * these messages, so they are hints; the truth is in the handles.
 */
export class ExitWatcher {
  readonly #api: Winapi;
  readonly #port: Handle;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #listeners = new Map<number, (message: JobMessage) => void>();
  #lastKey = STOP;
  /** `process.exit` waits for the thread, which waits in the system: a daemon that ends at once would never end. */
  readonly #stop = (): void => void this.#api.PostQueuedCompletionStatus(this.#port, 0, STOP, 0);

  constructor(api: Winapi) {
    this.#api = api;
    this.#port = must(api, "CreateIoCompletionPort", api.CreateIoCompletionPort(INVALID_HANDLE_VALUE, 0, 0, 1));
    this.#worker = startWorker(new URL("./exit-worker.ts", import.meta.url), {
      workerData: { port: this.#port } satisfies WorkerData,
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
      lost: endsDaemon("exit"), // Without it we could see no process end.
    });
    this.#ended = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    this.#worker.on("message", (batch: JobMessage[]) => {
      for (const message of batch) this.#listeners.get(message.key)?.(message);
    });
    process.once("exit", this.#stop);
  }

  /** Calls back for each message about the job, from now on. Returns the cancellation. */
  watch(job: Job, onMessage: (message: JobMessage) => void): () => void {
    this.#lastKey++;
    const key = this.#lastKey;
    this.#listeners.set(key, onMessage);
    const inner = job.tell(this.#port, key) ? undefined : this.#watchFromInside(job, key);
    return () => {
      this.#listeners.delete(key);
      inner?.close();
    };
  }

  /**
   * Watches a job that still belongs to the port of an earlier daemon: puts what is in it into a job inside it as well, and that one tells. A process
   * that is created meanwhile is caught in the next round, or is in the job already because its parent is.
   */
  #watchFromInside(job: Job, key: number): Job {
    const inner = Job.create(this.#api);
    inner.tell(this.#port, key);
    for (let round = 0; round < ROUNDS; round++) {
      const missing = job.members().filter((pid) => !inner.members().includes(pid));
      for (const pid of missing) this.#assign(inner, pid);
      if (missing.length === 0) break;
    }
    return inner;
  }

  /** A process that has ended meanwhile needs no watch. */
  #assign(inner: Job, pid: number): void {
    const process = this.#api.OpenProcess(constants.PROCESS_SET_QUOTA | constants.PROCESS_TERMINATE, 0, pid);
    if (process === 0) return;
    this.#api.AssignProcessToJobObject(inner.handle, process);
    this.#api.CloseHandle(process);
  }

  /** After this nobody is told anything. */
  async close(): Promise<void> {
    this.#listeners.clear();
    this.#stop();
    await this.#ended;
    process.off("exit", this.#stop);
    this.#api.CloseHandle(this.#port);
  }
}
