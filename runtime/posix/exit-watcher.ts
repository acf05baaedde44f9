import { closeSync } from "node:fs";
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../lib/worker.ts";
import type { ExitStatus } from "../runtime.ts";
import { STOP, type ToWorker, type Watched, type Woken, type WorkerData } from "./exit-messages.ts";
import {
  EFD_CLOEXEC,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_EVENT_DATA,
  EPOLLET,
  EPOLLIN,
  EPOLLPRI,
  SIZEOF_EPOLL_EVENT,
} from "./ffi/layout.ts";
import { epoll_create1, epoll_ctl, errno, eventfd, write } from "./ffi/libc.ts";
import type { Pidfd } from "./pidfd.ts";
import { systemError } from "./system-error.ts";

/**
 * Tells of ended processes within a millisecond, without polling and without SIGCHLD: one thread waits on the pidfds of all.
 * Descriptors are added from this thread (the epoll set belongs to the process), so the waiting thread is never disturbed.
 */
export class ExitWatcher {
  readonly #epfd: number;
  readonly #stop: number;
  readonly #worker: Worker;
  readonly #listeners = new Map<number, (exit: ExitStatus | undefined) => void>();
  #lastToken = STOP;
  readonly #ended: Promise<void>;

  constructor() {
    this.#epfd = descriptor("epoll_create1", epoll_create1(EPOLL_CLOEXEC));
    this.#stop = descriptor("eventfd", eventfd(0, EFD_CLOEXEC));
    this.#worker = startWorker(new URL("./exit-worker.ts", import.meta.url), {
      workerData: { epfd: this.#epfd } satisfies WorkerData,
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
    });
    this.#ended = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    this.#worker.on("message", (woken: Woken[]) => {
      for (const { token, exit } of woken) this.#listeners.get(token)?.(exit);
    });
    this.#add(this.#stop, STOP, EPOLLIN);
  }

  /** Calls back once with the exit. The pidfd must stay open until then. */
  process(pidfd: Pidfd, onExit: (exit: ExitStatus) => void, record?: string): void {
    const token = this.#next();
    this.#listeners.set(token, (exit) => {
      this.#listeners.delete(token);
      if (exit) onExit(exit);
    });
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

  /** After this nothing is told any more, and every descriptor may be closed. */
  async close(): Promise<void> {
    this.#listeners.clear();
    write(this.#stop, Buffer.from(new BigUint64Array([1n]).buffer), 8);
    await this.#ended;
    closeSync(this.#stop);
    closeSync(this.#epfd);
  }

  #next(): number {
    this.#lastToken = this.#lastToken === 0xffff_ffff ? STOP + 1 : this.#lastToken + 1;
    return this.#lastToken;
  }

  #watch(item: Watched, events: number): void {
    this.#worker.postMessage(item satisfies ToWorker);
    this.#add(item.fd, item.token, events);
  }

  #cancel(token: number, fd: number): void {
    if (!this.#listeners.delete(token)) return;
    epoll_ctl(this.#epfd, EPOLL_CTL_DEL, fd, null);
    this.#worker.postMessage({ forget: token } satisfies ToWorker);
  }

  #add(fd: number, token: number, events: number): void {
    const event = Buffer.alloc(SIZEOF_EPOLL_EVENT);
    event.writeInt32LE(events | 0, 0);
    event.writeUInt32LE(token, EPOLL_EVENT_DATA);
    if (epoll_ctl(this.#epfd, EPOLL_CTL_ADD, fd, event) !== 0) throw systemError("epoll_ctl", errno(), { fd });
  }
}

function descriptor(call: string, fd: number): number {
  if (fd < 0) throw systemError(call, errno());
  return fd;
}
