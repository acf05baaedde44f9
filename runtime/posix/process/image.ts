import { accessSync, constants, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { kindOf, workingDirFailure } from "../../program-file.ts";
import { StartError, type StartFailure } from "../../runtime.ts";
import type { Account } from "../accounts/account.ts";
import { hindrance } from "../files/mode-bits.ts";
import { JOIN_GROUP } from "../launcher/launch-calls.ts";
import { SEARCH_PATH } from "./base-environment.ts";
import { formatProblem, interpreterProblem } from "./image-format.ts";

/**
 * The absolute path of a command. A name without "/" is looked up in the documented search path, never in the working directory or the daemon's own
 * PATH (S03). Only the attempt to run it shows whether it can be run.
 */
export function resolveImage(command: string): string {
  if (command === "" || command.includes("\0")) {
    throw new StartError("InvalidArgument", "the command is empty or contains a NUL character");
  }
  if (isAbsolute(command)) return command;
  if (command.includes("/")) {
    throw new StartError(
      "InvalidArgument",
      `command ${JSON.stringify(command)} is a relative path: give an absolute path, or a bare name to be found in ${SEARCH_PATH}`,
    );
  }
  for (const folder of SEARCH_PATH.split(":")) {
    const candidate = join(folder, command);
    if (isProgram(candidate)) return candidate;
  }
  throw new StartError("CommandNotFound", `command ${JSON.stringify(command)} not found in ${SEARCH_PATH}`);
}

/** What was to be run, and by whom. */
export interface Attempt {
  image: string;
  workingDir: string;
  /** The daemon has entered it for the account. */
  isOwnFolder: boolean;
  account: Account;
}

/**
 * Explains the error number of a failed start, and says what to do about it. Looks at the files only now, when the start has failed, and at none that the account
 * cannot get to.
 */
export function explainFailure(error: unknown, attempt: Attempt): StartError {
  const { image, workingDir, account } = attempt;
  const { code = "", message, syscall } = error as NodeJS.ErrnoException;
  const options = { cause: error };
  if (syscall === JOIN_GROUP) return new StartError("SystemError", `starting ${image} failed: ${message}`, options);
  const closed = code === "EACCES" && account.uid !== process.geteuid!() ? closedTo(attempt) : undefined;
  if (closed) return new StartError(...closed, options);
  const misplaced = workingDirFailure(workingDir, error);
  if (misplaced) return misplaced;
  const file = kindOf(image);
  if (file === undefined && ["ENOENT", "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG"].includes(code)) {
    const why = code === "EACCES" ? "can't be reached: a folder above it is not accessible" : "does not exist";
    return new StartError("CommandNotFound", `command ${image} ${why}`, options);
  }
  switch (code) {
    case "ENOENT":
      return new StartError("NotExecutable", `${image} ${interpreterProblem(image)}`, options);
    case "EACCES":
      return new StartError("NotExecutable", accessProblem(image, file, workingDir, account), options);
    case "ENOEXEC":
      return new StartError("NotExecutable", `${image} ${formatProblem(image)}`, options);
    case "E2BIG":
      return new StartError(
        "InvalidArgument",
        "arguments and environment together are larger than the system takes (E2BIG)",
        options,
      );
    case "EAGAIN":
      return new StartError("SystemError", `the system's limit of processes is reached (${message})`, options);
    default:
      return new StartError("SystemError", `starting ${image} failed: ${message}`, options);
  }
}

/** The folder on the way that keeps the account out, in words. */
function closedTo({ image, workingDir, isOwnFolder, account }: Attempt): [StartFailure, string] | undefined {
  const ofFolder = isOwnFolder ? undefined : hindrance(workingDir, account);
  if (ofFolder !== undefined)
    return ["WorkingDirNotFound", `working directory ${workingDir}: account ${account.name} may not enter ${ofFolder}`];
  const ofImage = hindrance(dirname(image), account);
  return ofImage === undefined ? undefined : ["NotExecutable", `account ${account.name} may not enter ${ofImage}`];
}

/** Looks at the classic mode bits only; access control lists are left to the kernel. */
export function mayExecute(
  file: { mode: number; uid: number; gid: number },
  account: Pick<Account, "uid" | "gid" | "groups">,
): boolean {
  if (account.uid === 0) return (file.mode & 0o111) !== 0;
  if (file.uid === account.uid) return (file.mode & 0o100) !== 0;
  if (file.gid === account.gid || account.groups.includes(file.gid)) return (file.mode & 0o010) !== 0;
  return (file.mode & 0o001) !== 0;
}

function accessProblem(image: string, kind: string | undefined, workingDir: string, account: Account): string {
  if (kind === "directory") return `${image} is a directory, not a program`;
  if (account.uid !== process.geteuid!() && !mayExecute(statSync(image), account))
    return `account ${account.name} may not execute ${image}`;
  if (!permitted(image)) return `${image} may not be executed: permission denied (try: chmod +x ${image})`;
  if (!permitted(workingDir)) return `working directory ${workingDir} may not be entered: permission denied`;
  return `${image} may not be executed: permission denied (its interpreter, or a file system mounted noexec)`;
}

function isProgram(path: string): boolean {
  return kindOf(path) === "file" && permitted(path);
}

function permitted(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
