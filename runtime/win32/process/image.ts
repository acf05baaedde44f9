import { win32 } from "node:path";
import { windowsNameProblem } from "../../../lib/windows-name.ts";
import { kindOf, workingDirFailure } from "../../program-file.ts";
import { StartError } from "../../runtime.ts";
import { constants } from "../ffi/constants.ts";
import { formOf, isBatchFile, refusal } from "../files/path-rules.ts";
import type { Win32Error } from "../win32-error.ts";

/** The endings that a name without one may stand for. Batch files are not among them. */
const ENDINGS = [".exe", ".com"];

/** The folders where bare command names are looked up: the system's own, never the working directory or anybody's PATH (S03). */
export function searchPath(systemRoot: string): string[] {
  return [
    win32.join(systemRoot, "System32"),
    systemRoot,
    win32.join(systemRoot, "System32", "Wbem"),
    win32.join(systemRoot, "System32", "WindowsPowerShell", "v1.0"),
  ];
}

/**
 * The absolute path of a command. Refuses batch files in any spelling, and every path that Windows would not use as it is written. Throws
 * `StartError`.
 */
export function resolveImage(command: string, folders: readonly string[]): string {
  if (command === "" || command.includes("\0")) {
    throw new StartError("InvalidArgument", "the command is empty or contains a NUL character");
  }
  if (isBatchFile(command)) throw batchRefused(command);
  const isName = formOf(command) === "name";
  const problem = isName ? windowsNameProblem(command) : refusal(command);
  if (problem !== undefined) throw new StartError("InvalidArgument", `command ${JSON.stringify(command)} ${problem}`);
  const path = isName ? undefined : win32.normalize(command);
  const candidates = path === undefined ? folders.map((folder) => win32.join(folder, command)) : [path];
  for (const candidate of candidates.flatMap(withEndings)) {
    if (kindOf(candidate) === "file") return candidate;
  }
  if (path !== undefined && kindOf(path) === "directory") {
    throw new StartError("NotExecutable", `${path} is a directory, not a program`);
  }
  throw path === undefined
    ? new StartError("CommandNotFound", `command ${JSON.stringify(command)} not found in ${folders.join(";")}`)
    : new StartError("CommandNotFound", `command ${path} does not exist`);
}

function withEndings(path: string): string[] {
  return [path, ...(win32.extname(path) === "" ? ENDINGS.map((ending) => path + ending) : [])];
}

function batchRefused(command: string): StartError {
  return new StartError(
    "ScriptRefused",
    `command ${JSON.stringify(command)} is a batch file: its arguments can't be passed safely. To run it all the same, say so: ` +
      `command C:\\Windows\\System32\\cmd.exe, args /d /s /c "${command}"`,
  );
}

/** Checks that Windows would use this working directory as it is written. Throws `StartError`. */
export function checkWorkingDir(path: string): string {
  if (path.includes("\0")) throw new StartError("InvalidArgument", "workingDir contains a NUL character");
  const problem = refusal(path);
  if (problem !== undefined) throw new StartError("InvalidArgument", `workingDir ${JSON.stringify(path)} ${problem}`);
  if (path.length > LONGEST_WORKING_DIR) {
    throw new StartError(
      "InvalidArgument",
      `workingDir has ${path.length} characters; Windows takes ${LONGEST_WORKING_DIR}: choose a shorter one`,
    );
  }
  return win32.normalize(path);
}

/** MAX_PATH without the ending backslash and the NUL; the prefix that lifts the limit elsewhere does not work here. */
const LONGEST_WORKING_DIR = 258;

/** Explains the error code of a failed start, and says what to do about it. */
export function explainFailure(error: unknown, image: string, workingDir: string): StartError {
  if (error instanceof StartError) return error;
  const { code = 0, message } = error as Win32Error;
  const options = { cause: error };
  const misplaced = workingDirFailure(workingDir, error);
  if (misplaced) return misplaced;
  const known = FAILURES[code];
  return known
    ? new StartError(known[0], `${image} ${known[1]} (${message})`, options)
    : new StartError("SystemError", `starting ${image} failed: ${message}`, options);
}

const FAILURES: Readonly<Record<number, [StartError["reason"], string]>> = {
  [constants.ERROR_FILE_NOT_FOUND]: ["CommandNotFound", "does not exist"],
  [constants.ERROR_PATH_NOT_FOUND]: ["CommandNotFound", "is in a folder that does not exist"],
  [constants.ERROR_PRIVILEGE_NOT_HELD]: [
    "AccountNotAllowed",
    "can't be started by this daemon with the rights of that account: install it as the service under LocalSystem (wctl service install)",
  ],
  [constants.ERROR_ACCESS_DENIED]: ["NotExecutable", "may not be executed by this account: grant it Read & execute"],
  [constants.ERROR_SHARING_VIOLATION]: ["NotExecutable", "is open for writing elsewhere"],
  [constants.ERROR_BAD_EXE_FORMAT]: [
    "NotExecutable",
    "is not a program for this Windows: name the interpreter of a script as the command",
  ],
  [constants.ERROR_EXE_MACHINE_TYPE_MISMATCH]: ["NotExecutable", "was built for another processor"],
  [constants.ERROR_VIRUS_INFECTED]: ["NotExecutable", "was refused by the antivirus program"],
  [constants.ERROR_ELEVATION_REQUIRED]: ["NotExecutable", "asks for elevation: run it as an account that has it"],
  [constants.ERROR_ACCESS_DISABLED_BY_POLICY]: ["NotExecutable", "is blocked by a policy of this machine"],
  [constants.ERROR_FILENAME_EXCED_RANGE]: ["InvalidArgument", "can't be started: path or command line is too long"],
  [constants.ERROR_DIRECTORY]: ["WorkingDirNotFound", "can't be started: the working directory is not valid"],
  [constants.ERROR_NOT_ENOUGH_QUOTA]: ["SystemError", "can't be started: a quota or job limit is reached"],
  [constants.ERROR_COMMITMENT_LIMIT]: ["SystemError", "can't be started: the machine is out of memory"],
};
