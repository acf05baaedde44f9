import { dirname } from "node:path";
import type { Timer } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { InstanceFiles } from "../runs/instance-files.ts";
import { logsOf } from "../runs/run-record.ts";
import type { RunRecords } from "../runs/run-records.ts";
import type { Workload } from "../workload.ts";
import { LogTrimmer, type LogTrimmerOptions } from "./log-trimmer.ts";
import { removeOldRuns } from "./remove-runs.ts";
import { truncatedMessage } from "./truncated-message.ts";

export interface RunLogsOptions extends LogTrimmerOptions {
  files: InstanceFiles;
  records: RunRecords;
  logger: Logger;
  /** Others emptied a log that the workload writes into. `message`: what the Event says. */
  onTruncated: (uid: string, message: string) => void;
}

/** How often it is looked for output that has become too old, while somebody wants that. */
const AGEING_MS = 10 * 60_000;

/** Looks after the logs of the newest run of each workload, and removes the runs of its copy that are too many. */
export class RunLogs {
  readonly #options: RunLogsOptions;
  readonly #trimmer: LogTrimmer;
  /** Those with a maxAgeSeconds, by uid. */
  readonly #ageing = new Map<string, Pick<Workload, "uid" | "record">>();
  #timer: Timer | undefined;

  constructor(options: RunLogsOptions) {
    this.#options = options;
    this.#trimmer = new LogTrimmer(options);
  }

  /** Begins in a moment, so that the start itself does not wait. Does nothing if `isCurrent` then says that this is no longer the newest run. */
  keep(workload: Workload, isCurrent: () => boolean): void {
    setImmediate(() => {
      if (isCurrent()) this.#keep(workload);
    });
  }

  /** A last look at the logs of a run whose tree has ended. */
  ended({ record }: Pick<Workload, "record">): void {
    this.#trimmer.ended(dirname(record.stdout));
  }

  forget({ uid, record }: Pick<Workload, "uid" | "record">): void {
    this.#ageing.delete(uid);
    this.#trimmer.untrack(dirname(record.stdout));
  }

  close(): void {
    this.#timer?.cancel();
    this.#trimmer.close();
  }

  #keep(workload: Workload): void {
    const { uid, record, state } = workload;
    const { logger, onTruncated } = this.#options;
    try {
      const tell = (path: string, lost: number): void => onTruncated(uid, truncatedMessage(path, record, lost));
      this.#trimmer.track(logsOf(record), record.logs, tell, !state.adopted);
    } catch (error) {
      logger.warn("the size of the logs of a run is not watched", { instance: record.label, error: String(error) });
    }
    this.#removeOld(workload);
    if (record.logs.maxAgeSeconds === undefined) this.#ageing.delete(uid);
    else this.#ageing.set(uid, workload);
    this.#arm();
  }

  #removeOld({ uid, record }: Pick<Workload, "uid" | "record">): void {
    const { logger, clock } = this.#options;
    try {
      removeOldRuns(this.#options, uid, record, clock.wall().getTime());
    } catch (error) {
      logger.warn("the output of earlier runs could not be removed", { instance: record.label, error: String(error) });
    }
  }

  #arm(): void {
    if (this.#ageing.size === 0) return;
    this.#timer ??= this.#options.clock.after(AGEING_MS, () => {
      this.#timer = undefined;
      for (const workload of this.#ageing.values()) this.#removeOld(workload);
      this.#arm();
    });
  }
}
