import { constants, existsSync, readSync, writeSync } from "node:fs";
import {
  AT_FDCWD,
  FAN_ALLOW,
  FAN_CLASS_CONTENT,
  FAN_CLOEXEC,
  FAN_MARK_ADD,
  FAN_NONBLOCK,
  FAN_OPEN_PERM,
  FAN_REPORT_TID,
  FAN_UNLIMITED_MARKS,
  FAN_UNLIMITED_QUEUE,
  FANOTIFY_EVENT_FD,
  FANOTIFY_EVENT_PID,
  O_CLOEXEC,
  SIZEOF_FANOTIFY_EVENT,
  SIZEOF_FANOTIFY_RESPONSE,
} from "../ffi/layout.ts";
import { close, errno, fanotify_init, fanotify_mark } from "../ffi/libc.ts";
import { systemError } from "../system-error.ts";
import { LogSnapshot, logOf } from "./log-snapshot.ts";
import { callOfSleeper, GONE, isTruncating, processorTime, RUNNING, systemCallOf } from "./opened-for-truncation.ts";

/** A thread that waits in the open of a protected log, and our own descriptor of that log. */
interface Opening {
  thread: number;
  file: number;
}

/** An open that truncates its log. */
interface PendingTruncation extends Opening {
  call: string;
  snapshot: LogSnapshot;
  /** Processor time of the thread when it was let go on, in ns; undefined while it waits for the copy. */
  since: number | undefined;
  looks: number;
}

const CLASS =
  FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | FAN_REPORT_TID;
/** A small log is usually copied and truncated within so many rounds; the next call goes on with what takes longer. */
const ROUNDS = 30;
/**
 * A thread that has used so much processor time has left the call that truncates the log. Nanoseconds; the truncation itself takes a fraction of it.
 */
const PAST_NS = 5_000_000;
/** A thread that we let go on may be frozen before it truncates the log: after so many looks we look less often. */
const SOON = 3_000;
/** Each waiting open costs a descriptor. When more wait at one moment, nothing is retained for the others. */
const MOST_WAITING = 256;
const SOON_MS = 1;
const LATER_MS = 50;

/**
 * `> /dev/stderr` in a shell script opens the log that the program holds, and truncates it. fanotify(7) asks us before such an open goes on, so we
 * first copy the contents to the retained part (docs/decisions/0025). An open that does not truncate the log waits only for our answer. When this
 * daemon dies, the kernel lets all waiting opens go on.
 *
 * Every open of a protected log waits for `answer`, also an open by this daemon: the thread that answers must never open one.
 */
export class TruncationInterceptor {
  readonly fd: number;
  readonly #onProblem: (error: unknown) => void;
  readonly #maxSize: (log: string) => number;
  readonly #events = Buffer.alloc(64 * SIZEOF_FANOTIFY_EVENT);
  #waiting: Opening[] = [];
  readonly #pending = new Map<string, PendingTruncation>();

  private constructor(fd: number, onProblem: (error: unknown) => void, maxSize: (log: string) => number) {
    this.fd = fd;
    this.#maxSize = maxSize;
    this.#onProblem = onProblem;
  }

  /**
   * Undefined where the system refuses: it takes root (CAP_SYS_ADMIN) and a kernel with this feature. `onProblem` hears what could not be retained.
   */
  static open(
    onProblem: (error: unknown) => void,
    maxSize: (log: string) => number = () => Number.POSITIVE_INFINITY,
  ): TruncationInterceptor | undefined {
    const fd = fanotify_init(CLASS, constants.O_RDONLY | O_CLOEXEC);
    return fd < 0 ? undefined : new TruncationInterceptor(fd, onProblem, maxSize);
  }

  /** Protects a log until it is removed. Throws when the file system has no such thing. */
  protect(log: string): void {
    if (fanotify_mark(this.fd, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, log) !== 0) {
      throw systemError("fanotify_mark", errno(), { path: log });
    }
  }

  /** Milliseconds after which `answer` wants to be called again. Undefined: not before an open waits. */
  get waitMs(): number | undefined {
    if (this.#waiting.length > 0) return SOON_MS;
    if (this.#pending.size === 0) return undefined;
    return [...this.#pending.values()].some(({ looks }) => looks < SOON) ? SOON_MS : LATER_MS;
  }

  /** Lets waiting opens go on where it can, in a bounded time. Never throws, because they would wait for ever. */
  answer(): void {
    for (let round = 0; round < ROUNDS; round++) {
      this.#listen();
      this.#waiting = this.#waiting.filter((opening) => !this.#take(opening));
      for (const [log, pending] of this.#pending) if (this.#step(pending)) this.#pending.delete(log);
      if (this.#pending.size === 0 && this.#waiting.length === 0) return;
    }
  }

  close(): void {
    close(this.fd);
  }

  /** False: another open truncates this log, and this one waits for it. Our own threads only read, and never wait for a workload. */
  #take(opening: Opening): boolean {
    const { thread, file } = opening;
    let log = "";
    let snapshot: LogSnapshot | undefined;
    const call = callOfSleeper(thread);
    try {
      log = logOf(file);
      if (this.#pending.has(log) && !isOwn(thread) && this.#waiting.length <= MOST_WAITING) return false;
      if (isTruncating(call) && !this.#pending.has(log)) snapshot = LogSnapshot.begin(file, this.#maxSize(log));
    } catch (error) {
      this.#onProblem(error);
    }
    if (snapshot) {
      this.#pending.set(log, { ...opening, call, snapshot, since: undefined, looks: 0 });
      return true;
    }
    this.#allow(file);
    close(file);
    return true;
  }

  /** True when it is done. */
  #step(pending: PendingTruncation): boolean {
    const { file, snapshot, thread } = pending;
    if (pending.since === undefined) {
      if (!this.#isCopied(snapshot)) return false;
      pending.since = processorTime(thread);
      this.#allow(file);
    }
    pending.looks++;
    const isTruncated = snapshot.hasShrunk || this.#isTruncated(pending);
    if (isTruncated === undefined) return false;
    try {
      snapshot.end(isTruncated);
    } catch (error) {
      this.#onProblem(error);
    }
    close(file);
    return true;
  }

  #isCopied(snapshot: LogSnapshot): boolean {
    try {
      return snapshot.copyStep();
    } catch (error) {
      this.#onProblem(error);
      return true;
    }
  }

  /**
   * Whether a log that has not become shorter (or has grown again) was truncated: what the thread does that we let go on decides that. Undefined: not
   * known yet.
   */
  #isTruncated({ thread, call, snapshot, since = 0 }: PendingTruncation): boolean | undefined {
    const now = systemCallOf(thread);
    if (now === GONE) return !snapshot.isStillThere; // Killed while it waited, or later.
    if (now === RUNNING) return processorTime(thread) - since > PAST_NS ? true : undefined;
    if (now !== call) return true;
    this.#listen();
    return this.#waiting.some((other) => other.thread === thread) ? true : undefined;
  }

  #allow(file: number): void {
    const response = Buffer.alloc(SIZEOF_FANOTIFY_RESPONSE);
    response.writeInt32LE(file, 0);
    response.writeUInt32LE(FAN_ALLOW, 4);
    try {
      writeSync(this.fd, response);
    } catch {
      // The thread that waited was killed.
    }
  }

  #listen(): void {
    for (let length = this.#read(); length > 0; length = this.#read()) {
      for (let at = 0; at < length; at += this.#events.readUInt32LE(at)) {
        const file = this.#events.readInt32LE(at + FANOTIFY_EVENT_FD);
        if (file >= 0) this.#waiting.push({ file, thread: this.#events.readInt32LE(at + FANOTIFY_EVENT_PID) });
      }
    }
  }

  /** 0: no open waits, or too many files are open to hear of one. A later round tries again. */
  #read(): number {
    try {
      return readSync(this.fd, this.#events, 0, this.#events.length, null);
    } catch {
      return 0;
    }
  }
}

const isOwn = (thread: number): boolean => existsSync(`/proc/self/task/${thread}`);
