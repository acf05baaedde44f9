import {
  appendFileSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { namesIn } from "../../lib/names-in.ts";
import type { ExitStatus } from "../runtime.ts";
import type { InstanceFiles } from "./instance-files.ts";
import { runNumber } from "./run-number.ts";
import { type KeptHandles, parseRecord, type RunIntent, type RunRecord } from "./run-record.ts";

/**
 * One file per run, a JSON object per line: the intent, then pid and creation time, then the exit. Each line is one append, so it is there wholly or
 * not at all when the daemon is killed. Nothing is synced to disk, because a power cut ends the processes as well. Only the intent of a one-shot is
 * synced: else it would run a second time after a power cut.
 */
export class RunRecords {
  readonly #files: InstanceFiles;

  constructor(files: InstanceFiles) {
    this.#files = files;
  }

  begin(uid: string, intent: RunIntent): void {
    this.#append(uid, intent.run, intent);
    if (intent.once) this.#sync(uid, intent.run);
  }

  started(uid: string, run: number, process: { pid: number; creationTime: string; kept?: KeptHandles }): void {
    this.#append(uid, run, process);
  }

  ended(uid: string, run: number, exit: ExitStatus): void {
    this.#append(uid, run, { exit });
  }

  /** As in LaunchSpec, from now on. */
  given(uid: string, run: number, given: string): void {
    this.#append(uid, run, { given });
  }

  /** Its logs have got another place. */
  moved(uid: string, run: number, logs: Pick<RunIntent, "number" | "stdout" | "stderr">): void {
    this.#append(uid, run, logs);
  }

  /** From here on the record is kept there, and the Instance has none of this run. */
  handOver(uid: string, run: number, file: string): void {
    const record = this.#files.record(uid, run);
    try {
      renameSync(record, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
      copyIfRoom(record, file); // The homes have a disk of their own.
      rmSync(record);
    }
  }

  /** Ascending by run. Leaves out files without a readable intent. */
  read(uid: string): RunRecord[] {
    return this.runs(uid).flatMap((run) => this.get(uid, run) ?? []);
  }

  last(uid: string): RunRecord | undefined {
    for (const run of this.runs(uid).reverse()) {
      const record = this.get(uid, run);
      if (record) return record;
    }
    return undefined;
  }

  runs(uid: string): number[] {
    return namesIn(this.#files.folder(uid))
      .flatMap((name) => runNumber(/^run-(\d+)\.jsonl$/.exec(name)?.[1] ?? "") ?? [])
      .sort((a, b) => a - b);
  }

  remove(uid: string, run: number): void {
    rmSync(this.#files.record(uid, run), { force: true });
  }

  /** Undefined: there is no record, or it has no readable intent. */
  get(uid: string, run: number): RunRecord | undefined {
    try {
      const record = parseRecord(readFileSync(this.#files.record(uid, run), "utf8"));
      return record?.run === run ? record : undefined;
    } catch {
      return undefined;
    }
  }

  /** Syncs the folders on the way too, where folders can be synced (Windows writes names down by itself). */
  #sync(uid: string, run: number): void {
    for (const path of [this.#files.record(uid, run), this.#files.folder(uid), this.#files.root]) {
      let fd: number | undefined;
      try {
        fd = openSync(path, path.endsWith(".jsonl") ? "r+" : "r");
        fsyncSync(fd);
      } catch (error) {
        if (!UNSYNCABLE.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
      } finally {
        if (fd !== undefined) closeSync(fd);
      }
    }
  }

  #append(uid: string, run: number, line: object): void {
    appendFileSync(this.#files.record(uid, run), `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }
}

/** The answers for a folder on Windows, and on file systems that can't sync one. */
const UNSYNCABLE = new Set(["EPERM", "EINVAL", "EISDIR", "EBADF"]);

/** Without it only the times of a run are not known any more. */
function copyIfRoom(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (error) {
    rmSync(to, { force: true });
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}
