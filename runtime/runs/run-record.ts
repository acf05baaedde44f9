import { isObject } from "../../lib/json-object.ts";
import type { ExitStatus, Limits, LogPolicy, Mitigation, Restrictions, Unenforced } from "../runtime.ts";
import { isRunNumber } from "./run-number.ts";

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
  /** As in LaunchSpec. */
  given?: string;
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
