import type { Clock, Timer } from "../../../lib/clock.ts";
import type { ProcessThread } from "../process/process-thread.ts";
import type { Workload } from "../workload.ts";
import type { Containment, LimitNotice } from "./containment.ts";

/** Some kernels count refused forks of cgroup v1 without telling anybody, and the notice of an OOM comes before its count. */
const LOOK_AGAIN_MS = 15_000;

/** Tells when a tree met one of its limits: by the kernel's notices, at its exit, and by a rare look for what no notice told. */
export class LimitWatch {
  readonly #clock: Clock;
  readonly #containment: Containment;
  readonly #processes: ProcessThread;
  readonly #tell: (workload: Workload, limit: LimitNotice["limit"]) => void;
  readonly #watched = new Map<Workload, LimitNotice[]>();
  #timer: Timer | undefined;

  constructor(
    parts: { clock: Clock; containment: Containment; processes: ProcessThread },
    tell: (workload: Workload, limit: LimitNotice["limit"]) => void,
  ) {
    this.#clock = parts.clock;
    this.#containment = parts.containment;
    this.#processes = parts.processes;
    this.#tell = tell;
  }

  /** Until `workload.release` is run. Costs nothing without limits. Throws when the system has no watch left. */
  add(workload: Workload): void {
    const notices = this.#containment.limitNotices(workload.uid, workload.record.limits);
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

  /** Tells now of what was met since the last look. */
  look(workload: Workload): void {
    for (const notice of this.#watched.get(workload) ?? []) if (notice.met()) this.#tell(workload, notice.limit);
  }

  /** Before a kill: the fence that makes it end refuses forks too, and that is not the limit. */
  stop(workload: Workload): void {
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
