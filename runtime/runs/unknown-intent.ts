import { join } from "node:path";
import type { Clock } from "../../lib/clock.ts";
import type { InstanceFiles } from "./instance-files.ts";
import type { RunIntent } from "./run-record.ts";

/** Stands for the intent of a run that was found alive and whose record is lost. Nobody knows when the run began, and with which limits and logs. */
export function unknownIntent(
  { clock, files }: { clock: Clock; files: InstanceFiles },
  uid: string,
  run: number,
): RunIntent {
  return {
    run,
    label: uid,
    startedAt: clock.wall().toISOString(),
    workingDir: files.work(uid),
    limits: {},
    logs: { maxSize: 10 * 1024 * 1024, maxFiles: 5, stderr: "Merge" },
    ...logsOfUnknown(files, uid, run),
    unenforced: [],
  };
}

/** What runs now is the newest run of its copy, so it holds the newest log there. */
function logsOfUnknown(files: InstanceFiles, uid: string, run: number): Pick<RunIntent, "number" | "stdout"> {
  const copy = files.copyOf(uid);
  if (!copy) return { stdout: join(files.logs(uid), `${run}.out`) };
  const number = Math.max(1, files.homes.nextNumber(copy) - 1);
  return { number, ...files.homes.logsOf(copy, number, false) };
}
