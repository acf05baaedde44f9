import type { RunRecord } from "../runs/run-record.ts";
import type { LaunchSpec } from "../runtime.ts";
import { newWorkload, type Workload } from "../workload.ts";
import type { Profile } from "./accounts/profile.ts";
import type { Job } from "./job/job.ts";
import type { HeldProcess } from "./process/held-process.ts";
import type { StopEvent } from "./stop/stop-event.ts";

/** `spec` is without the password. */
export interface Win32Workload extends Workload {
  /** Present while something of the tree may live. */
  job?: Job;
  /** Present while the main process has not been seen as ended. */
  process?: HeldProcess;
  stopEvent?: StopEvent;
  /** The variables of its account, where `spec` is. */
  base?: Readonly<Record<string, string>>;
  /** Loaded by this daemon for this run; unloaded when its tree has ended. */
  profile?: Profile;
  /** Stops the messages of the job. */
  unwatch?: () => void;
  /** Limits that were told of in this run. */
  readonly told: Set<string>;
}

export type Held = Partial<Pick<Win32Workload, "base" | "job" | "process" | "profile" | "spec" | "stopEvent">>;

export function makeWorkload(uid: string, record: RunRecord, adopted: boolean, held: Held): Win32Workload {
  const shown = { adopted, treeAlive: held.job !== undefined, account: record.account };
  const spec = held.spec && { spec: withoutPassword(held.spec) };
  return { ...newWorkload(uid, record, shown), ...held, ...spec, told: new Set() };
}

/** Only the logon needs it. */
function withoutPassword(spec: LaunchSpec): LaunchSpec {
  if (spec.runAs?.password === undefined) return spec;
  const { password: _, ...runAs } = spec.runAs;
  return { ...spec, runAs };
}

/** Lets go of everything that is held for it. That changes nothing for what runs. */
export function releaseHandles(workload: Win32Workload): void {
  workload.unwatch?.();
  workload.process?.close();
  workload.job?.close();
  workload.stopEvent?.close();
  workload.profile?.leave();
  delete workload.profile;
  delete workload.unwatch;
  delete workload.process;
  delete workload.job;
  delete workload.stopEvent;
}
