import { appendFileSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { isObject } from "../../lib/json-object.ts";
import { namesIn } from "../../lib/names-in.ts";
import type { ExitStatus, Limits, LogPolicy, Mitigation, Restrictions, Unenforced } from "../runtime.ts";
import type { InstanceFiles } from "./instance-files.ts";
import { isRunNumber, runNumber } from "./run-number.ts";

/** Written before the act: after a daemon that died in between, the next one knows what to look for. */
export interface RunIntent {
  run: number;
  /** Which run of the copy it is, over all its Instances: the name of its logs. Absent: its logs are in the folder of its Instance. */
  number?: number;
  label: string;
  /** The name of the template that it is of. */
  revision?: string;
  startedAt: string;
  workingDir: string;
  account?: string;
  /** The account whose rights it was given: a uid in decimal digits, on Windows a SID. Absent: nobody knows, so no probe or hook is run beside it. */
  accountId?: string;
  /** Linux: `creationTime` of a process that would start now. An older process is not of this run. */
  notBefore?: string;
  limits: Limits;
  logs: LogPolicy;
  stdout: string;
  stderr?: string;
  unenforced: readonly Unenforced[];
  /** Windows: the name of the job object that the process is created in. */
  job?: string;
  /** A one-shot: it may have started and ended although no line says that it started. */
  once?: true;
  /** Windows: what was taken from the rights of its account, with groups as SIDs; probes get the same rights and no more. */
  rights?: Restrictions & {
    mitigations?: readonly Mitigation[];
    desktop?: string;
    /** The id of the home that a write-restricted one may write to. Absent: the uid of the Instance stands for it. */
    home?: string;
  };
}

/** Windows: handles of a run in a process that outlives the daemon (`HandleKeeper`). */
export interface KeptHandles {
  /** `PID/creation time` */
  keeper: string;
  /** Handles in the keeper. */
  job: number;
  process: number;
}

export interface RunRecord extends RunIntent {
  /** Absent: the daemon died between the intent and this line; the job, group or marker tells whether the process was started. */
  pid?: number;
  creationTime?: string;
  kept?: KeptHandles;
  exit?: ExitStatus;
}

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

  /** Its logs have got another place. */
  moved(uid: string, run: number, logs: Pick<RunIntent, "number" | "stdout" | "stderr">): void {
    this.#append(uid, run, logs);
  }

  /** From here on the record is kept there, and the Instance has none of this run. */
  handOver(uid: string, run: number, file: string): void {
    renameSync(this.#files.record(uid, run), file);
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

/** Passes over damaged lines; without an intent there is no record. */
export function parseRecord(text: string): RunRecord | undefined {
  const merged: Partial<RunRecord> = {};
  for (const line of text.split("\n")) {
    try {
      const value: unknown = JSON.parse(line);
      if (isObject(value)) Object.assign(merged, value);
    } catch {
      // A torn or damaged line says nothing; the others still count.
    }
  }
  const { startedAt, stdout, logs, limits, unenforced } = merged;
  const isWhole = isRunNumber(merged.run) && typeof startedAt === "string" && typeof stdout === "string";
  const hasParts = isObject(logs) && isObject(limits) && Array.isArray(unenforced);
  return isWhole && hasParts ? (merged as RunRecord) : undefined;
}

/** The output files of a run. */
export const logsOf = ({ stdout, stderr }: Pick<RunIntent, "stdout" | "stderr">): string[] =>
  stderr === undefined ? [stdout] : [stdout, stderr];

export const numberOf = ({ number, run }: Pick<RunIntent, "number" | "run">): number => number ?? run;
