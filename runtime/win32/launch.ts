import { fileVariables } from "../runs/env-files.ts";
import { buildEnvironment } from "../runs/environment.ts";
import { type LaunchSpec, StartError } from "../runtime.ts";
import type { Win32Context } from "./context.ts";
import { constants } from "./ffi/constants.ts";
import type { Winapi } from "./ffi/winapi.ts";
import { readAs } from "./files/read-as.ts";
import { PRIORITY } from "./job/job-limits.ts";
import { JOB_VARIABLE, jobName } from "./job/job-name.ts";
import { commandLine, LONGEST_COMMAND_LINE } from "./process/command-line.ts";
import { checkWorkingDir, resolveImage } from "./process/image.ts";
import type { Token } from "./security/token.ts";
import { STOP_EVENT_VARIABLE, stopEventName } from "./stop/stop-event.ts";

/** Everything that can be decided before anything is done, whoever the workload runs as. */
export interface Launch {
  image: string;
  commandLine: string;
  workingDir: string;
  flags: number;
  /** The name of the job. */
  name: string;
}

/** `home`: the folder that the copy has for itself. Throws `StartError`. */
export function prepareLaunch(context: Win32Context, spec: LaunchSpec, home: string): Launch {
  const workingDir = checkWorkingDir(spec.workingDir ?? home);
  const name = jobName(context, spec.uid, spec.run);
  environmentOf(context, spec, { job: name, home }, { base: {}, fromFiles: {} }); // Refuses what can't be declared before anybody logs on.
  return {
    image: resolveImage(spec.command, context.searchPath),
    commandLine: lineOf(spec.command, spec.args),
    workingDir,
    flags:
      (spec.stopSignal === "CtrlBreak" ? constants.CREATE_NEW_PROCESS_GROUP : 0) |
      (spec.priorityClass === undefined ? 0 : PRIORITY[spec.priorityClass]),
    name,
  };
}

/** What the declared variables win over. */
export interface EnvironmentBelow {
  /** The variables of the account. */
  base: Readonly<Record<string, string>>;
  /** Those of `envFiles`. */
  fromFiles: Readonly<Record<string, string>>;
}

/** The variables of the files that the spec names, read with the rights of the account. Throws StartError. */
export const variablesFromFiles = (api: Winapi, { envFiles }: LaunchSpec, token: Token): Record<string, string> =>
  fileVariables(envFiles, (path, most) => readAs(api, path, token, most));

export function environmentOf(
  context: Win32Context,
  spec: LaunchSpec,
  { job, home }: { job: string; home: string },
  { base, fromFiles }: EnvironmentBelow,
): string[] {
  return buildEnvironment({
    base: spec.inheritEnvironment === "System" ? base : {},
    declared: {
      ...fromFiles,
      ...spec.env,
      [JOB_VARIABLE]: job,
      ...(spec.stopSignal === "Event" && { [STOP_EVENT_VARIABLE]: stopEventName(context, spec.uid, spec.run) }),
    },
    stateDir: home,
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
