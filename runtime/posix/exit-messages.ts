import type { ExitStatus } from "../runtime.ts";

/** What the main thread tells the worker before it adds the descriptor to the epoll set. */
export interface Watched {
  token: number;
  fd: number;
  pid: number;
  /** `process`: its exit is wanted; `member`: only that it has ended; `notice`: a cgroup file or eventfd that tells of a change, again and again. */
  kind: "process" | "member" | "notice";
  /** The run record that gets the exit. */
  record?: string;
}

export interface Woken {
  token: number;
  exit?: ExitStatus;
}

export interface WorkerData {
  epfd: number;
}

/** A watch was given up. */
export interface Forget {
  forget: number;
}

export type ToWorker = Watched | Forget;

/** The token that ends the worker. */
export const STOP = 0;
