import { removeLogs } from "../logs/retention.ts";
import type { RunIntent, RunRecord } from "../run-records.ts";
import type { LaunchSpec } from "../runtime.ts";
import { tolerate, type Win32Context } from "./context.ts";
import { createProcess } from "./create-process.ts";
import { explainFailure } from "./image.ts";
import { Job } from "./job.ts";
import { jobName } from "./job-name.ts";
import { type Launch, prepareLaunch } from "./launch.ts";
import { openOutputs } from "./output-files.ts";
import { namedEncoding } from "./own-code-page.ts";
import type { HeldProcess } from "./process.ts";
import { StopEvent, stopEventName } from "./stop-event.ts";

export interface StartedRun {
  record: RunRecord;
  job: Job;
  process: HeldProcess;
  stopEvent?: StopEvent;
}

/**
 * Intent, act, record. Killed before the act: nothing was born and the number may be used again. Killed between act and record: the
 * job, which the intent names, shows the process. A start that failed leaves nothing behind. Throws `StartError`.
 */
export function startRun(context: Win32Context, spec: LaunchSpec): StartedRun {
  const launch = prepareLaunch(context, spec, jobName(context.dataId, spec.uid, spec.run));
  const intent = intentOf(context, spec, launch);
  tolerate(context, spec.uid, () => context.records.begin(spec.uid, intent));
  const opened: { close(): void }[] = [];
  try {
    const job = Job.create(context.api, launch.name);
    opened.push(job);
    const unenforced = [...intent.unenforced, ...job.limit(spec, context.processors)];
    const stopEvent =
      spec.stopSignal === "Event" ? StopEvent.create(context.api, stopEventName(launch.name)) : undefined;
    if (stopEvent) opened.push(stopEvent);
    const process = act(context, launch, intent, job);
    const birth = { pid: process.pid, creationTime: process.creationTime, unenforced };
    tolerate(context, spec.uid, () => context.records.born(spec.uid, spec.run, birth));
    return { record: { ...intent, ...birth }, job, process, ...(stopEvent && { stopEvent }) };
  } catch (error) {
    for (const thing of opened) thing.close();
    context.records.remove(spec.uid, spec.run);
    removeLogs(intent.stdout, intent.stderr);
    throw explainFailure(error, launch.image, launch.workingDir);
  }
}

function act(context: Win32Context, launch: Launch, intent: RunIntent, job: Job): HeldProcess {
  const { api, logger } = context;
  const output = openOutputs(api, intent.stdout, intent.stderr);
  if (output.problem) {
    logger.warn("the output of this run is lost: its file could not be made", {
      instance: intent.label,
      error: String(output.problem),
    });
  }
  const asks = job.queryOnlyHandle(); // Held by the child, it keeps the job's name alive without us.
  try {
    return createProcess(api, { ...launch, ...output, more: [asks], jobs: [job] });
  } finally {
    output.close();
    api.CloseHandle(asks);
  }
}

function intentOf(context: Win32Context, spec: LaunchSpec, launch: Launch): RunIntent {
  const { uid, run } = spec;
  const { logs, unenforced } = namedEncoding(context.api, spec.logs);
  return {
    run,
    label: spec.label,
    startedAt: context.clock.wall().toISOString(),
    workingDir: launch.workingDir,
    limits: spec.limits,
    logs,
    stdout: context.files.log(uid, run, "out"),
    ...(spec.logs.stderr === "Separate" && { stderr: context.files.log(uid, run, "err") }),
    unenforced: [...context.unenforcedLogs, ...unenforced],
    job: launch.name,
  };
}
