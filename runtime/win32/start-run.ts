import { tolerate } from "../context.ts";
import { withoutDefaults } from "../default-limits.ts";
import { removeRun } from "../logs/remove-runs.ts";
import { hasDeclared, noteTold, writeDeclared } from "../runs/declared-files.ts";
import { placeLogs } from "../runs/place-logs.ts";
import type { RunIntent, RunRecord } from "../runs/run-record.ts";
import type { LaunchSpec, Unenforced } from "../runtime.ts";
import { checkAccess, mayAddFiles } from "./accounts/access-check.ts";
import type { Identity } from "./accounts/accounts.ts";
import { processAccess } from "./accounts/process-access.ts";
import { allowTraversal, type FolderUser, giveWorkFolder } from "./accounts/work-folder.ts";
import type { Win32Context } from "./context.ts";
import { Win32FileWriter } from "./files/file-writer.ts";
import { openOutputs } from "./files/output-files.ts";
import { namedEncoding } from "./files/own-code-page.ts";
import type { Job } from "./job/job.ts";
import { environmentOf, type Launch, variablesFromFiles } from "./launch.ts";
import { createProcess, type ProcessRequest } from "./process/create-process.ts";
import { environmentBlock } from "./process/environment-block.ts";
import { fileTimeOf, type HeldProcess } from "./process/held-process.ts";
import { explainFailure } from "./process/image.ts";
import { takenMitigations } from "./process/mitigations.ts";
import type { RunHome } from "./run-home.ts";
import { StopEvent, stopEventName } from "./stop/stop-event.ts";
import { freshJob } from "./tree/job-of-run.ts";

export interface StartedRun {
  record: RunRecord;
  job: Job;
  process: HeldProcess;
  stopEvent?: StopEvent;
}

/** What is known before anything of the run is done. */
export interface Prepared {
  launch: Launch;
  home: RunHome;
  /** With `home.id`. */
  identity: Identity;
}

/**
 * Records the intent, creates the process, records the start. If the daemon is killed before it creates the process, nothing runs and the number may
 * be used again. If it is killed between the creation and its record, the job, which the intent names, shows the process. A start that fails leaves
 * nothing behind. Throws `StartError`.
 */
export function startRun(context: Win32Context, spec: LaunchSpec, { launch, home, identity }: Prepared): StartedRun {
  const { attributes, unenforced: refused } = takenMitigations(context.api, spec.runAs?.mitigations ?? []);
  const intent = intentOf(context, spec, { launch, home, identity }, refused);
  tolerate(context, spec.uid, () => context.records.begin(spec.uid, intent));
  const opened: { close(): void }[] = [];
  try {
    prepareFolders(context, spec, { launch, home, identity });
    const job = freshJob(context, launch.name);
    opened.push(job);
    const name = job.name ?? launch.name;
    if (name !== launch.name)
      tolerate(context, spec.uid, () => context.records.begin(spec.uid, { ...intent, job: name }));
    const unenforced = [...intent.unenforced, ...job.limit(spec, context.processors)];
    const stopEvent =
      spec.stopSignal === "Event"
        ? StopEvent.create(context.api, stopEventName(context, spec.uid, spec.run))
        : undefined;
    if (stopEvent) opened.push(stopEvent);
    const fromFiles = variablesFromFiles(context.api, spec, identity.token);
    const below = { base: identity.environment, fromFiles };
    const environment = environmentBlock(environmentOf(context, spec, { job: name, home: home.work }, below));
    const access = processAccess(identity.sid, identity.homeId, identity.restrictions.writeRestricted);
    const process = act(context, intent, { ...launch, ...identity, access, environment, attributes }, job);
    const kept = context.keeper.keep(job.handle, process.handle);
    const { pid, creationTime } = process;
    const started = { pid, creationTime, ...(kept && { kept }), unenforced: withoutDefaults(spec, unenforced) };
    tolerate(context, spec.uid, () => context.records.started(spec.uid, spec.run, started));
    return { record: { ...intent, job: name, ...started }, job, process, ...(stopEvent && { stopEvent }) };
  } catch (error) {
    for (const thing of opened) thing.close();
    removeRun(context.records, spec.uid, intent);
    throw explainFailure(error, launch.image, launch.workingDir);
  }
}

/** Who has the home of the copy. */
export function folderUser({ sid, homeId, restrictions }: Identity): FolderUser {
  const { writeRestricted = false, integrityLevel } = restrictions;
  return { sid, home: homeId, writeRestricted, isLow: integrityLevel === "Low" };
}

/** Gives the account the folder of the copy, then checks that it may go to its working directory and execute the program. */
function prepareFolders(
  { api, files, accounts }: Win32Context,
  spec: LaunchSpec,
  { launch, home, identity }: Prepared,
): void {
  const { sid, label, token } = identity;
  giveWorkFolder(api, home.work, folderUser(identity));
  if (sid !== accounts.own.sid) allowTraversal(api, files.homes.above(home.copy), accounts.own.sid);
  checkAccess(api, token, label, launch.image, launch.workingDir);
  const owner = { sid, label, mayAdd: (folder: string) => mayAddFiles(api, token, folder) };
  if (!hasDeclared(files.homes, spec)) return;
  writeDeclared(files.homes, spec, new Win32FileWriter(api, owner));
  noteTold(files.homes, spec.copy, spec.files ?? []); // It begins with them.
}

type Creation = Pick<
  ProcessRequest,
  "image" | "commandLine" | "workingDir" | "flags" | "token" | "access" | "desktop" | "environment" | "attributes"
>;

function act(context: Win32Context, intent: RunIntent, request: Creation, job: Job): HeldProcess {
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
    return createProcess(api, { ...request, ...output, more: [asks], jobs: [job] });
  } finally {
    output.close();
    api.CloseHandle(asks);
  }
}

function intentOf(
  context: Win32Context,
  spec: LaunchSpec,
  { launch, home, identity }: Prepared,
  refused: readonly Unenforced[],
): RunIntent {
  const { run, runAs } = spec;
  const { sid, label, restrictions, desktop } = identity;
  const { logs, unenforced } = namedEncoding(context.api, spec.logs);
  return {
    run,
    label: spec.label,
    ...(spec.revision !== undefined && { revision: spec.revision }),
    ...(spec.given !== undefined && { given: spec.given }),
    startedAt: context.clock.wall().toISOString(),
    workingDir: launch.workingDir,
    account: label,
    accountId: sid,
    notBefore: fileTimeOf(context.clock.wall()),
    rights: {
      ...restrictions,
      ...(runAs?.mitigations && { mitigations: runAs.mitigations }),
      ...(desktop !== undefined && { desktop }),
      ...(restrictions.writeRestricted && { home: home.id }),
    },
    ...(spec.once && { once: true }),
    limits: spec.limits,
    logs,
    ...placeLogs(context.files.homes, home.copy, spec.logs),
    unenforced: [...context.unenforcedLogs, ...refused, ...unenforced],
    job: launch.name,
  };
}
