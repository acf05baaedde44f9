import { closeSync, constants, openSync } from "node:fs";

/** Opens for appending only: several holders never overwrite each other's writes, and when one truncates the file, the others write on at its end. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

export interface OutputTargets {
  stdout: number;
  stderr: number;
  /** Why the output goes nowhere: a file could not be made. An error of a log never stops a process. */
  problem?: Error;
  close(): void;
}

/** Opens the files a workload will hold. The caller closes its own copies once the workload has them. */
export function openOutput(stdoutPath: string, stderrPath: string | undefined): OutputTargets {
  const opened: number[] = [];
  const close = (): void => {
    for (const fd of opened.splice(0)) closeSync(fd);
  };
  const open = (path: string, flags: number): number => {
    const fd = openSync(path, flags, 0o600);
    opened.push(fd);
    return fd;
  };
  try {
    const stdout = open(stdoutPath, APPEND);
    const stderr = stderrPath === undefined ? stdout : open(stderrPath, APPEND);
    return { stdout, stderr, close };
  } catch (error) {
    close();
    const nowhere = open("/dev/null", constants.O_WRONLY);
    return { stdout: nowhere, stderr: nowhere, problem: error as Error, close };
  }
}
