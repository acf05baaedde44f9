import { withVariables } from "../../runs/environment.ts";
import type { LaunchSpec } from "../../runtime.ts";
import { processAccess } from "../accounts/process-access.ts";
import type { Win32Context } from "../context.ts";
import type { Handle } from "../ffi/winapi.ts";
import type { Job } from "../job/job.ts";
import { environmentOf, lineOf, variablesFromFiles } from "../launch.ts";
import { createProcess } from "../process/create-process.ts";
import { environmentBlock } from "../process/environment-block.ts";
import type { HeldProcess } from "../process/held-process.ts";
import { explainFailure, resolveImage } from "../process/image.ts";
import { takenMitigations } from "../process/mitigations.ts";
import type { Win32Workload } from "../workload.ts";

export interface ExecHandles {
  stdin: Handle;
  stdout: Handle;
  stderr: Handle;
}

/**
 * Starts a command beside the workload: in its job and in `job` inside that, with its rights, environment and working directory. Throws StartError. The
 * caller closes its copies of the handles.
 */
export function beginExec(
  context: Win32Context,
  workload: Win32Workload,
  { spec, command, env }: { spec: LaunchSpec; command: readonly string[]; env: Readonly<Record<string, string>> },
  job: Job,
  handles: ExecHandles,
): HeldProcess {
  const { api } = context;
  const { record } = workload;
  const [name = "", ...args] = command;
  const image = resolveImage(name, context.searchPath);
  const commandLine = lineOf(name, args);
  const { mitigations = [], desktop, home: homeId = workload.uid, ...restrictions } = record.rights ?? {};
  let token: ReturnType<Win32Context["accounts"]["tokenOfRun"]> | undefined;
  try {
    token = context.accounts.tokenOfRun(workload.process!.handle, restrictions, homeId);
    const home = context.files.work(workload.uid);
    const base = workload.base ?? context.accounts.environmentOf(token, record.account ?? "", home);
    const fromFiles = variablesFromFiles(api, spec, token);
    const own = environmentOf(context, spec, { job: record.job ?? "", home }, { base, fromFiles });
    const environment = environmentBlock(withVariables(own, env, { ignoreCase: true }));
    const jobs = workload.job ? [workload.job, job] : [job];
    return createProcess(api, {
      token,
      access: processAccess(token.user, homeId, restrictions.writeRestricted),
      desktop,
      attributes: takenMitigations(api, mitigations).attributes,
      image,
      commandLine,
      environment,
      workingDir: record.workingDir,
      ...handles,
      more: [],
      jobs,
      flags: 0,
    });
  } catch (error) {
    throw explainFailure(error, image, record.workingDir);
  } finally {
    token?.close();
  }
}
