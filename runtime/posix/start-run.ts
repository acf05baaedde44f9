import { openOutput } from "../logs/log-files.ts";
import { removeLogs } from "../logs/retention.ts";
import type { RunIntent, RunRecord } from "../run-records.ts";
import type { LaunchSpec, Unenforced } from "../runtime.ts";
import { unenforcedRunAs } from "./accounts/run-as.ts";
import { creationTime, type LaunchContext, tolerate } from "./context.ts";
import { type Launch, prepareLaunch } from "./launch.ts";
import { explainFailure } from "./process/image.ts";
import { Pidfd } from "./process/pidfd.ts";
import { readStat } from "./process/proc.ts";
import { applyPriority, withAffinity } from "./process/scheduling.ts";
import { shareOutput } from "./process/share-output.ts";
import { spawn } from "./process/spawn.ts";

export interface StartedRun {
  record: RunRecord;
  pidfd: Pidfd;
}

/**
 * Intent, act, record. Killed before the act: nothing was born and the number may be used again. Killed between act and record:
 * the group and the marker show the process. A start that failed leaves nothing behind. Throws `StartError`.
 */
export function startRun(context: LaunchContext, spec: LaunchSpec, startedAt: string): StartedRun {
  context.files.create(spec.uid);
  const launch = prepareLaunch(spec, context.files, context.dataId);
  const intent = intentOf(context, spec, launch, startedAt);
  tolerate(context, spec.uid, () => context.records.begin(spec.uid, intent));
  let pid: number;
  let unenforced: Unenforced[];
  try {
    ({ pid, unenforced } = act(context, spec, launch, intent));
  } catch (error) {
    abandon(context, spec.uid, intent);
    throw explainFailure(error, launch);
  }
  // Our own child: its number can't be another's before the watcher has reaped it.
  const pidfd = Pidfd.open(pid)!;
  const birth = {
    pid,
    creationTime: creationTime(context.bootId, readStat(pid)?.startTicks ?? "0"),
    unenforced: [...intent.unenforced, ...unenforced, ...applyPriority(pid, spec.priorityClass)],
  };
  tolerate(context, spec.uid, () => context.records.born(spec.uid, spec.run, birth));
  return { record: { ...intent, ...birth }, pidfd };
}

function act(
  context: LaunchContext,
  spec: LaunchSpec,
  launch: Launch,
  intent: RunIntent,
): { pid: number; unenforced: Unenforced[] } {
  const output = openOutput(intent.stdout, intent.stderr);
  if (output.problem) {
    context.logger.warn("the output of this run is lost: its file could not be made", {
      instance: spec.label,
      error: String(output.problem),
    });
  }
  try {
    if (!output.problem) shareOutput([output.stdout, output.stderr], launch.credentials);
    const { value, unenforced } = withAffinity(spec.affinity, () =>
      context.containment.spawnInto(spec.uid, spec.limits, (cgroup) =>
        spawn({
          ...launch,
          surroundings: context.surroundings,
          stdout: output.stdout,
          stderr: output.stderr,
          ...(cgroup !== undefined && { cgroup }),
        }),
      ),
    );
    return { pid: value.pid, unenforced: [...value.unenforced, ...unenforced] };
  } finally {
    output.close();
  }
}

function intentOf(context: LaunchContext, spec: LaunchSpec, launch: Launch, startedAt: string): RunIntent {
  const { uid, run } = spec;
  return {
    run,
    label: spec.label,
    startedAt,
    workingDir: launch.workingDir,
    ...(spec.runAs?.account !== undefined && { account: spec.runAs.account }),
    limits: spec.limits,
    logs: spec.logs,
    stdout: context.files.log(uid, run, "out"),
    ...(spec.logs.stderr === "Separate" && { stderr: context.files.log(uid, run, "err") }),
    unenforced: [
      ...context.containment.unenforced(spec.limits),
      ...unenforcedRunAs(spec.runAs),
      ...context.unenforcedLogs,
    ],
  };
}

function abandon(context: LaunchContext, uid: string, intent: RunIntent): void {
  context.records.remove(uid, intent.run);
  removeLogs(intent.stdout, intent.stderr);
  if (context.records.runs(uid).length === 0) context.containment.remove(uid);
}
