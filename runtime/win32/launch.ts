import { buildEnvironment } from "../environment.ts";
import { type LaunchSpec, StartError } from "../runtime.ts";
import { commandLine, LONGEST_COMMAND_LINE } from "./command-line.ts";
import type { Win32Context } from "./context.ts";
import { environmentBlock } from "./environment-block.ts";
import { constants } from "./ffi/constants.ts";
import { checkWorkingDir, resolveImage } from "./image.ts";
import { PRIORITY } from "./job-limits.ts";
import { JOB_VARIABLE } from "./job-name.ts";
import { STOP_EVENT_VARIABLE, stopEventName } from "./stop-event.ts";

/** Everything that can be decided before anything is done. */
export interface Launch {
  image: string;
  commandLine: string;
  environment: Buffer;
  workingDir: string;
  flags: number;
  /** Of the job. */
  name: string;
}

/** Throws `StartError`. */
export function prepareLaunch(context: Win32Context, spec: LaunchSpec, name: string): Launch {
  refuseAccount(spec);
  const workingDir = checkWorkingDir(spec.workingDir ?? context.files.work(spec.uid));
  return {
    image: resolveImage(spec.command, context.searchPath),
    commandLine: lineOf(spec.command, spec.args),
    environment: environmentBlock(environmentOf(context, spec, name)),
    workingDir,
    flags:
      (spec.stopSignal === "CtrlBreak" ? constants.CREATE_NEW_PROCESS_GROUP : 0) |
      (spec.priorityClass === undefined ? 0 : PRIORITY[spec.priorityClass]),
    name,
  };
}

export function environmentOf(context: Win32Context, spec: LaunchSpec, jobName: string): string[] {
  return buildEnvironment({
    base: spec.inheritEnvironment === "System" ? context.baseEnvironment : {},
    declared: {
      ...spec.env,
      [JOB_VARIABLE]: jobName,
      ...(spec.stopSignal === "Event" && { [STOP_EVENT_VARIABLE]: stopEventName(jobName) }),
    },
    identity: { uid: spec.uid, run: spec.run, dataId: context.dataId },
    ignoreCase: true,
  });
}

/** Throws `StartError` InvalidArgument for what a command line can't carry. */
export function lineOf(command: string, args: readonly string[]): string {
  const nul = args.findIndex((arg) => arg.includes("\0"));
  if (nul !== -1) throw new StartError("InvalidArgument", `args[${nul}] contains a NUL character`);
  const line = commandLine(command, args);
  if (line.length < LONGEST_COMMAND_LINE) return line;
  throw new StartError(
    "InvalidArgument",
    `command and args together make a line of ${line.length} characters; Windows takes ${LONGEST_COMMAND_LINE - 1}`,
  );
}

function refuseAccount({ runAs, label }: LaunchSpec): void {
  if (!runAs) return;
  throw new StartError(
    "AccountNotAllowed",
    `${label}: starting a program as another account (${runAs.account}) is not possible on Windows yet: remove runAs, ` +
      "and install the service under the account the program needs",
  );
}
