import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { LogEncoding } from "../runtime.ts";
import { retainedPath, retainedSize } from "./retained-part.ts";
import { readTimeIndex } from "./time-index.ts";

/**
 * The encoding to read a log with: the one its run declared. Where nothing was declared, UTF-16LE when the log begins with its byte order mark, as a
 * redirect of PowerShell or .NET often does. Undefined: UTF-8.
 */
export function detectEncoding(log: string, declared: LogEncoding | undefined): LogEncoding | undefined {
  if (declared !== undefined) return declared;
  return readTimeIndex(log).isUtf16 || hasByteOrderMark(log) ? "UTF-16LE" : undefined;
}

/**
 * False also when the log has fewer than two bytes. Such a log is not opened: on Linux an open of a log waits for the thread that starts programs
 * (`runtime/posix/files/truncation-interceptor.ts`), and each run begins with an empty log.
 */
export function hasByteOrderMark(log: string): boolean {
  try {
    const path = retainedSize(log) > 0 ? retainedPath(log) : log;
    if (statSync(path).size < 2) return false;
    const fd = openSync(path, "r");
    try {
      const mark = Buffer.alloc(2);
      return readSync(fd, mark, 0, 2, 0) === 2 && mark[0] === 0xff && mark[1] === 0xfe;
    } finally {
      closeSync(fd);
    }
  } catch {
    return false; // It was never made, or is gone.
  }
}
