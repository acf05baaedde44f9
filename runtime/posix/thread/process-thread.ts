import { closeSync } from "node:fs";
import type { Worker } from "node:worker_threads";
import type { Logger } from "../../../lib/logger.ts";
import { endsDaemon, startWorker } from "../../../lib/worker.ts";
import type { RunRecord } from "../../runs/run-record.ts";
import { type ExitStatus, type LaunchSpec, StartError } from "../../runtime.ts";
import { EFD_CLOEXEC, EPOLL_CLOEXEC, EPOLLET, EPOLLIN, EPOLLPRI } from "../ffi/layout.ts";
import { epoll_create1, errno, eventfd, write } from "../ffi/libc.ts";
import { Pidfd } from "../process/pidfd.ts";
import { systemError } from "../system-error.ts";
import { unwatchDescriptor, watchDescriptor } from "./epoll.ts";
import {
  type Failed,
  FIRST,
  type FromWorker,
  STOP,
  type Started,
  type ToWorker,
  WAKE,
  type Watched,
  type WorkerData,
} from "./process-messages.ts";

/** The methods are called in the order of events, and not after `close`. */
export interface RunListener {
  started(record: RunRecord, pidfd: Pidfd): void;
  /** The pidfd must stay open until then. */
  ended(exit: ExitStatus): void;
}

interface Starting {
  listener: RunListener;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * One thread beside the main one starts processes and tells of their ends within a millisecond, without polling and without SIGCHLD: it waits on the
 * pidfds of all. The main thread adds the descriptors (the epoll set belongs to the process), so the waiting thread is not disturbed for them. The
 * main thread never waits for a child's exec, and both processors have work when many processes start.
 */
export class ProcessThread {
  readonly #epfd: number;
  readonly #stop: number;
  readonly #wake: number;
  readonly #worker: Worker;
  readonly #logger: Logger;
  readonly #listeners = new Map<number, (exit: ExitStatus | undefined) => void>();
  readonly #starting = new Map<number, Starting>();
  #lastToken = FIRST - 1;
  readonly #ended: Promise<void>;
  /** `process.exit` waits for the thread, which waits in the kernel: a daemon that ends at once would never end. */
  readonly #atExit = (): void => signal(this.#stop);

  constructor(launching: Omit<WorkerData, "epfd">, logger: Logger) {
    this.#logger = logger;
    this.#epfd = descriptor("epoll_create1", epoll_create1(EPOLL_CLOEXEC));
    this.#stop = descriptor("eventfd", eventfd(0, EFD_CLOEXEC));
    this.#wake = descriptor("eventfd", eventfd(0, EFD_CLOEXEC));
    this.#worker = startWorker(new URL("./process-worker.ts", import.meta.url), {
      workerData: { ...launching, epfd: this.#epfd } satisfies WorkerData,
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
      lost: endsDaemon("process"), // Without it we could start nothing and see no process end.
    });
    this.#ended = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    this.#worker.on("message", (news: FromWorker[]) => {
      for (const message of news) this.#hear(message);
    });
    watchDescriptor(this.#epfd, this.#stop, STOP, EPOLLIN);
    watchDescriptor(this.#epfd, this.#wake, WAKE, EPOLLIN | EPOLLET);
    process.once("exit", this.#atExit);
  }

  /** Starts in the order of the calls. Resolves after `started` was called; rejects with `StartError`. */
  start(spec: LaunchSpec, startedAt: string, listener: RunListener): Promise<void> {
    const token = this.#next();
    return new Promise((resolve, reject) => {
      this.#starting.set(token, { listener, resolve, reject });
      this.#tell({ begin: token, spec, startedAt });
      signal(this.#wake);
    });
  }

  /** Protects the log of an adopted run: what stands there is kept when others empty it, as in the logs of runs that are started here. */
  protectLog(path: string): void {
    this.#tell({ protect: path });
    signal(this.#wake);
  }

  /** Calls back once, with the exit. The pidfd must stay open until then. Throws when it can't be watched, as the next two methods do. */
  process(pidfd: Pidfd, onExit: (exit: ExitStatus) => void, record?: string): void {
    const token = this.#next();
    this.#expectExit(token, onExit);
    this.#watch(
      { token, fd: pidfd.fd, pid: pidfd.pid, kind: "process", ...(record !== undefined && { record }) },
      EPOLLIN,
    );
  }

  /** Calls back once when a process that is not ours to reap has ended. Returns the cancellation; then the pidfd may be closed. */
  member(pidfd: Pidfd, onEnd: () => void): () => void {
    const token = this.#next();
    this.#listeners.set(token, () => {
      this.#listeners.delete(token);
      onEnd();
    });
    this.#watch({ token, fd: pidfd.fd, pid: pidfd.pid, kind: "member" }, EPOLLIN);
    return () => this.#cancel(token, pidfd.fd);
  }

  /** Calls back on each change that `fd` (an eventfd, a cgroup's `*.events` file) tells of. Returns the cancellation. */
  notice(fd: number, onChange: () => void): () => void {
    const token = this.#next();
    this.#listeners.set(token, () => onChange());
    this.#watch({ token, fd, pid: 0, kind: "notice" }, EPOLLIN | EPOLLPRI | EPOLLET);
    return () => this.#cancel(token, fd);
  }

  /** Finishes a start that is being made, and rejects the others. After this nobody is told anything, and every descriptor may be closed. */
  async close(): Promise<void> {
    this.#listeners.clear();
    signal(this.#stop);
    await this.#ended;
    process.off("exit", this.#atExit);
    for (const { reject } of this.#starting.values()) reject(new Error("the runtime was closed before the start"));
    this.#starting.clear();
    for (const fd of [this.#stop, this.#wake, this.#epfd]) closeSync(fd);
  }

  #hear(message: FromWorker): void {
    if ("started" in message) this.#started(message);
    else if ("failed" in message) this.#failed(message);
    else if ("warning" in message) this.#logger.warn(message.warning, message.fields);
    else this.#listeners.get(message.token)?.(message.exit);
  }

  #started({ started: token, record, pidfd }: Started): void {
    const { listener, resolve } = this.#take(token);
    this.#expectExit(token, (exit) => listener.ended(exit));
    listener.started(record, Pidfd.from(record.pid!, pidfd));
    resolve();
  }

  #failed({ failed: token, reason, message }: Failed): void {
    this.#take(token).reject(reason === undefined ? new Error(message) : new StartError(reason, message));
  }

  #take(token: number): Starting {
    const starting = this.#starting.get(token)!;
    this.#starting.delete(token);
    return starting;
  }

  #expectExit(token: number, onExit: (exit: ExitStatus) => void): void {
    this.#listeners.set(token, (exit) => {
      this.#listeners.delete(token);
      if (exit) onExit(exit);
    });
  }

  #next(): number {
    this.#lastToken = this.#lastToken === 0xffff_ffff ? FIRST : this.#lastToken + 1;
    return this.#lastToken;
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #watch(item: Watched, events: number): void {
    this.#tell(item);
    try {
      watchDescriptor(this.#epfd, item.fd, item.token, events);
    } catch (error) {
      this.#listeners.delete(item.token);
      this.#tell({ forget: item.token });
      throw error;
    }
  }

  #cancel(token: number, fd: number): void {
    if (!this.#listeners.delete(token)) return;
    unwatchDescriptor(this.#epfd, fd);
    this.#tell({ forget: token });
  }
}

const ONE = Buffer.from(new BigUint64Array([1n]).buffer);

const signal = (fd: number): void => void write(fd, ONE, ONE.length);

function descriptor(call: string, fd: number): number {
  if (fd < 0) throw systemError(call, errno());
  return fd;
}
