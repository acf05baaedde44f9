import type { RunRecord } from "../../runs/run-record.ts";
import type { ExitStatus, LaunchSpec, StartFailure, Unenforced } from "../../runtime.ts";
import type { Choice } from "../containment/choose-containment.ts";
import type { ProcessAttributes } from "../launcher/launch-calls.ts";
import type { ExecOutcome } from "../launcher/launcher.ts";

/** What the main thread tells the worker before it adds the descriptor to the epoll set. */
export interface Watched {
  token: number;
  fd: number;
  pid: number;
  /** `process`: its exit is wanted. `member`: only that it has ended. `notice`: a cgroup file or eventfd that tells of changes again and again. */
  kind: "process" | "member" | "notice";
  /** The run record that gets the exit. */
  record?: string;
  /** In the worker only: present while this process has not reported whether it has begun. */
  execOutcome?: ExecOutcome;
}

/** A run to be started; its exit will come under the same token. */
export interface Begin {
  begin: number;
  spec: LaunchSpec;
  /** RFC 3339 with milliseconds: the clock is the main thread's. */
  startedAt: string;
}

/** The main thread watches this token no more. */
export interface Forget {
  forget: number;
}

/** The log of a run that an earlier daemon started. */
export interface Protect {
  protect: string;
}

export type ToWorker = Watched | Begin | Forget | Protect;

export interface Woken {
  token: number;
  exit?: ExitStatus;
}

/** The pidfd is the main thread's from now on; the worker waits on it. */
export interface Started {
  started: number;
  record: RunRecord;
  pidfd: number;
}

/** Without a reason the error was no `StartError`. */
export interface Failed {
  failed: number;
  reason?: StartFailure;
  message: string;
}

/** For the daemon's log. */
export interface Warning {
  warning: string;
  fields: Record<string, unknown> | undefined;
}

export type FromWorker = Woken | Started | Failed | Warning;

export interface WorkerData {
  epfd: number;
  dataDir: string;
  dataId: string;
  bootId: string;
  containment: Choice;
  attributes: ProcessAttributes;
  unenforcedLogs: readonly Unenforced[];
}

/** Tokens of the two eventfds (stop, and wake up to read a message), and of the opens that wait for a protected log. */
export const STOP = 0;
export const WAKE = 1;
export const OPENING = 2;
/** The first token that is free for watched descriptors. */
export const FIRST = 3;
