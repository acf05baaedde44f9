import { randomBytes } from "node:crypto";
import type { RunRecord } from "../../runs/run-record.ts";
import type { Win32Context } from "../context.ts";
import { constants } from "../ffi/constants.ts";
import { Job } from "../job/job.ts";
import { jobName } from "../job/job-name.ts";
import type { HeldProcess } from "../process/held-process.ts";
import type { Win32Error } from "../win32-error.ts";
import { KILLED } from "./kill-tree.ts";
import { isTreeAlive } from "./tree.ts";

type Named = Pick<RunRecord, "run"> & Partial<Pick<RunRecord, "job">>;

/**
 * The job of a run, if programs live in it; with `main`, only if that process is in it. It ends consoles without a program, because they hold the
 * output files as long as they live.
 */
export function jobOf(context: Win32Context, uid: string, run: Named, main?: HeldProcess): Job | undefined {
  const { api, accounts, logger } = context;
  const names = new Set([...(run.job === undefined ? [] : [run.job]), jobName(context, uid, run.run)]);
  for (const name of names) {
    const job = Job.open(api, name, accounts.own.sid);
    if (job && (main ? job.has(main.handle) : isTreeAlive(api, job))) return job;
    if (main) {
      job?.close();
      continue;
    }
    try {
      job?.terminate(KILLED);
    } catch (error) {
      logger.warn("a console without programs could not be ended", { uid, error: String(error) });
    }
    job?.close();
  }
  return undefined;
}

/** Makes a new job around a main process that has lost its own: what the process started before is not in it. */
export function jobAround(context: Win32Context, uid: string, { run }: Named, main: HeldProcess): Job {
  const job = freshJob(context, jobName(context, uid, run));
  try {
    job.assign(main.handle);
  } catch (error) {
    context.logger.warn("a process could not be put into a job", { uid, pid: main.pid, error: String(error) });
  }
  return job;
}

/** Finds a free name: a stranger may have taken that of a job that is gone, or a console of the run before ends a moment later than its program. */
export function freshJob({ api }: Pick<Win32Context, "api">, name: string): Job {
  try {
    return Job.create(api, name);
  } catch (error) {
    const { code } = error as Win32Error;
    if (code !== constants.ERROR_ALREADY_EXISTS && code !== constants.ERROR_ACCESS_DENIED) throw error;
    return Job.create(api, `${name}-${randomBytes(4).toString("hex")}`);
  }
}
