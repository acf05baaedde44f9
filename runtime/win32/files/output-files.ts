import { constants } from "../ffi/constants.ts";
import { tokenConstants } from "../ffi/token-constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { inheritable } from "../security/security-attributes.ts";
import { Win32Error } from "../win32-error.ts";
import { extended } from "./path-rules.ts";

/** FILE_APPEND_DATA without FILE_WRITE_DATA. A program may also ask what its output is, as runtimes do at their start (fstat, _fstat). */
const APPEND = constants.FILE_APPEND_DATA | constants.SYNCHRONIZE | tokenConstants.FILE_READ_ATTRIBUTES;

const SHARE_ALL = constants.FILE_SHARE_READ | constants.FILE_SHARE_WRITE | constants.FILE_SHARE_DELETE;

export interface Outputs {
  stdin: Handle;
  stdout: Handle;
  stderr: Handle;
  /** Why the output goes nowhere: a file could not be made. An error of a log never stops a process. */
  problem?: Error;
  close(): void;
}

/**
 * Opens the handles that a workload gets. FILE_APPEND_DATA without FILE_WRITE_DATA: each write goes to the end, whoever else writes, and can
 * overwrite nothing. They share everything, so that others may read, rename and release old parts. The caller closes its own copies.
 */
export function openOutputs(api: Winapi, stdoutPath: string, stderrPath: string | undefined): Outputs {
  const opened: Handle[] = [];
  const close = (): void => {
    for (const handle of opened.splice(0)) api.CloseHandle(handle);
  };
  const open = (path: string, access: number, disposition: number): Handle => {
    const handle = openInheritable(api, path, access, disposition);
    opened.push(handle);
    return handle;
  };
  const append = (path: string): Handle => open(extended(path), APPEND, constants.OPEN_ALWAYS);
  const stdin = open("NUL", constants.GENERIC_READ, constants.OPEN_EXISTING);
  try {
    const stdout = append(stdoutPath);
    const stderr = stderrPath === undefined ? stdout : append(stderrPath);
    return { stdin, stdout, stderr, close };
  } catch (error) {
    const nowhere = open("NUL", constants.GENERIC_WRITE, constants.OPEN_EXISTING);
    return { stdin, stdout: nowhere, stderr: nowhere, problem: error as Error, close };
  }
}

export function openInheritable(api: Winapi, path: string, access: number, disposition: number): Handle {
  // Opens a reparse point in a log's place itself, not what it points to (S11).
  const flags = constants.FILE_ATTRIBUTE_NORMAL | constants.FILE_FLAG_OPEN_REPARSE_POINT;
  const handle = api.CreateFileW(path, access, SHARE_ALL, inheritable(), disposition, flags, 0);
  if (handle === -1) throw new Win32Error("CreateFileW", api.GetLastError(), { path });
  return handle;
}
