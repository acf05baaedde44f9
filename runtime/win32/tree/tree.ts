import { win32 } from "node:path";
import { constants } from "../ffi/constants.ts";
import type { Winapi } from "../ffi/winapi.ts";
import type { Job } from "../job/job.ts";

/**
 * The console of a process without a window is a process of its own. The system puts it beside the process, in some versions inside its job. It is
 * not the workload's, and ends a moment after the last program that uses it.
 */
export const isConsoleHost = (image: string): boolean => /^conhost\.exe$/i.test(win32.basename(image));

/** Whether anything but consoles lives in the job. */
export function isTreeAlive(api: Winapi, job: Job): boolean {
  return job.accounting().alive > 0 && job.members().some((pid) => isProgram(api, pid));
}

/** A process that we can't look into counts; one that has ended does not. */
export function isProgram(api: Winapi, pid: number): boolean {
  const process = api.OpenProcess(constants.PROCESS_QUERY_LIMITED_INFORMATION | constants.SYNCHRONIZE, 0, pid);
  if (process === 0) return api.GetLastError() !== constants.ERROR_INVALID_PARAMETER;
  try {
    if (api.WaitForSingleObject(process, 0) === constants.WAIT_OBJECT_0) return false;
    const path = Buffer.alloc(65_536);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(path.length / 2);
    if (!api.QueryFullProcessImageNameW(process, 0, path, length)) return true;
    return !isConsoleHost(path.toString("utf16le", 0, length.readUInt32LE(0) * 2));
  } finally {
    api.CloseHandle(process);
  }
}
