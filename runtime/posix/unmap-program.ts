import { readFileSync } from "node:fs";
import { MADV_DONTNEED } from "./ffi/layout.ts";
import { errno, madvise } from "./ffi/libc.ts";
import { systemError } from "./system-error.ts";

export interface Mapping {
  from: number;
  length: number;
}

/**
 * Takes the pages of our own program file out of our address space (madvise(2)). Most were needed only to start: code of Node that runs once, the
 * scripts and their caches. The file stays in the page cache, where the system may reclaim it now, and what is in use comes back at its next
 * use. Only mappings that nobody has written to: there the memory is the file. Returns how many bytes were mapped.
 */
export function unmapProgram(): number {
  const mappings = cleanMappings(readFileSync("/proc/self/smaps", "latin1"), process.execPath);
  for (const { from, length } of mappings) {
    if (madvise(from, length, MADV_DONTNEED) !== 0) throw systemError("madvise", errno());
  }
  return mappings.reduce((sum, { length }) => sum + length, 0);
}

/** Of `file`, private, not writable, without a page of its own in memory (proc_pid_smaps(5)). */
export function cleanMappings(smaps: string, file: string): Mapping[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((text) => {
    const head = /^([0-9a-f]+)-([0-9a-f]+) r-[-x]p [0-9a-f]+ \S+ [1-9]\d* +(.*)$/m.exec(text);
    const isClean = /^Private_Dirty: +0 kB$/m.test(text) && /^Anonymous: +0 kB$/m.test(text);
    if (!head || head[3] !== file || !isClean) return [];
    const from = Number.parseInt(head[1]!, 16);
    return [{ from, length: Number.parseInt(head[2]!, 16) - from }];
  });
}
