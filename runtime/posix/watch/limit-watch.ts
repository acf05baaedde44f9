import type { Clock, Timer } from "../../../lib/clock.ts";
import { memoryMessage, processesMessage } from "../../limit-message.ts";
import type { Containment, LimitNotice } from "../containment/containment.ts";
import type { ProcessThread } from "../thread/process-thread.ts";
import type { PosixWorkload } from "../workload.ts";

/** `message`: what the Event says. */
type Tell = (workload: PosixWorkload, limit: LimitNotice["limit"], message: string) => void;

/** Needed because some kernels count refused forks of cgroup v1 without telling anybody, and the notice of an OOM comes before its count. */
const LOOK_AGAIN_MS = 15_000;

/**
 * Tells when a tree has met one of its limits. It looks when the kernel gives notice, at the exit of the main process, and at long intervals for
 * limits that the kernel gives no notice of.
 */
export class LimitWatch {
  readonly #clock: Clock;
  readonly #containment: Containment;
  readonly #processes: ProcessThread;
  readonly #tell: Tell;
  readonly #watched = new Map<PosixWorkload, LimitNotice[]>();
  #timer: Timer | undefined;

  constructor(parts: { clock: Clock; containment: Containment; processes: ProcessThread }, tell: Tell) {
    this.#clock = parts.clock;
    this.#containment = parts.containment;
    this.#processes = parts.processes;
    this.#tell = tell;
  }

  /** Watches until `workload.release` is run. Costs nothing without limits. Throws when the system has no watch left. */
  add(workload: PosixWorkload): void {
    const notices = this.#containment.limitNotices(workload.uid, workload.record.limits, workload.limitCountsBefore);
    if (notices.length === 0) return;
    this.#watched.set(workload, notices);
    for (const notice of notices) {
      let cancel = (): void => {};
      workload.release.push(() => {
        cancel();
        notice.close();
      });
      cancel = this.#processes.notice(notice.fd, () => this.look(workload));
    }
    workload.release.push(() => this.#watched.delete(workload));
    this.#arm();
  }

  /** Tells now of the limits that were met since the last look. */
  look(workload: PosixWorkload): void {
    for (const { limit, met } of this.#watched.get(workload) ?? []) {
      if (met()) this.#tell(workload, limit, limitMessage(limit, workload.record));
    }
  }

  /** Called before a kill: the fence of a kill refuses forks too, and that is not the limit. */
  stop(workload: PosixWorkload): void {
    this.look(workload);
    this.#watched.delete(workload);
  }

  close(): void {
    this.#timer?.cancel();
  }

  #arm(): void {
    this.#timer ??= this.#clock.after(LOOK_AGAIN_MS, () => {
      this.#timer = undefined;
      for (const workload of this.#watched.keys()) this.look(workload);
      if (this.#watched.size > 0) this.#arm();
    });
  }
}

const limitMessage = (limit: LimitNotice["limit"], record: PosixWorkload["record"]): string =>
  limit === "memory" ? memoryMessage(record, "the system ended a process of the tree") : processesMessage(record);
