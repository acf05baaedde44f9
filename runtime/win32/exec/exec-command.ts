import { sleep } from "../../../lib/clock.ts";
import { withVariables } from "../../runs/environment.ts";
import type { ExecOptions, ExecResult, LaunchSpec } from "../../runtime.ts";
import { processAccess } from "../accounts/process-access.ts";
import type { Win32Context } from "../context.ts";
import { constants } from "../ffi/constants.ts";
import type { Handle } from "../ffi/winapi.ts";
import { openInheritable } from "../files/output-files.ts";
import { OutputPipe } from "../files/output-pipe.ts";
import { Job } from "../job/job.ts";
import { environmentOf, lineOf } from "../launch.ts";
import { createProcess } from "../process/create-process.ts";
import { environmentBlock } from "../process/environment-block.ts";
import type { HeldProcess } from "../process/held-process.ts";
import { explainFailure, resolveImage } from "../process/image.ts";
import { takenMitigations } from "../process/mitigations.ts";
import { KILLED } from "../tree/kill-tree.ts";
import { type Ending, whenEnded } from "../tree/when-ended.ts";
import type { Win32Workload } from "../workload.ts";

/** We do not wait longer for output that a left-over grandchild might still write. */
const DRAIN_MS = 100;

/** Runs a command beside the workload: in its job and in one of its own inside that, with its environment and working directory. */
export async function execCommand(
  context: Win32Context,
  workload: Win32Workload,
  spec: LaunchSpec,
  command: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const { api, clock } = context;
  const job = Job.create(api);
  let pipe: OutputPipe | undefined;
  let process: HeldProcess | undefined;
  let ending: Ending | undefined;
  try {
    pipe = OutputPipe.open(api, clock, options.maxOutput);
    process = begin(context, workload, spec, command, options, job, pipe);
    ending = whenEnded(context, job, process);
    const timer = new AbortController();
    const timedOut = await Promise.race([
      ending.ended.then(() => false),
      sleep(clock, options.timeoutMs, timer.signal).then(
        () => true,
        () => false,
      ),
    ]);
    timer.abort();
    const { code } = process.hasEnded ? process.exit() : { code: undefined };
    job.terminate(KILLED); // Ends what a finished command left behind.
    await ending.ended;
    pipe.drain();
    await Promise.race([pipe.ended, sleep(clock, DRAIN_MS)]);
    return { ...(!timedOut && code !== undefined && { code }), timedOut, output: pipe.text() };
  } finally {
    ending?.stop();
    process?.close();
    job.close();
    pipe?.close();
  }
}

function begin(
  context: Win32Context,
  workload: Win32Workload,
  spec: LaunchSpec,
  command: readonly string[],
  options: ExecOptions,
  job: Job,
  pipe: OutputPipe,
): HeldProcess {
  const { api } = context;
  const { record } = workload;
  const [name = "", ...args] = command;
  const image = resolveImage(name, context.searchPath);
  const commandLine = lineOf(name, args);
  const { mitigations = [], desktop, ...restrictions } = record.rights ?? {};
  const opened: { close(): void }[] = [];
  const open = (path: string, access: number): Handle => {
    const handle = openInheritable(api, path, access, constants.OPEN_EXISTING);
    opened.push({ close: () => api.CloseHandle(handle) });
    return handle;
  };
  try {
    const stdin = open("NUL", constants.GENERIC_READ);
    const token = context.accounts.tokenOfRun(workload.process!.handle, restrictions, workload.uid);
    opened.push(token);
    const home = context.files.work(workload.uid);
    const base = workload.base ?? context.accounts.environmentOf(token, record.account ?? "", home);
    const own = environmentOf(context, spec, record.job ?? "", base);
    const environment = environmentBlock(withVariables(own, options.env ?? {}, { ignoreCase: true }));
    const jobs = workload.job ? [workload.job, job] : [job];
    return createProcess(api, {
      token,
      access: processAccess(token.user, workload.uid, restrictions.writeRestricted),
      desktop,
      attributes: takenMitigations(api, mitigations).attributes,
      image,
      commandLine,
      environment,
      workingDir: record.workingDir,
      stdin,
      stdout: pipe.writer,
      stderr: pipe.writer,
      more: [],
      jobs,
      flags: 0,
    });
  } catch (error) {
    throw explainFailure(error, image, record.workingDir);
  } finally {
    pipe.given();
    for (const thing of opened) thing.close();
  }
}
