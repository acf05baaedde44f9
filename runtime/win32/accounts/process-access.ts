import { homeSid } from "./process-account.ts";

/** All rights to a process or thread, but not to change its access list, and not to own it. */
const USE = "0x13ffff";

/**
 * The access list of a workload's process and its first thread: the system, administrators, and its own account may open them, and the account can't
 * open them to others. A write-restricted program needs the entry for its home to open itself.
 * https://learn.microsoft.com/windows/win32/procthread/process-security-and-access-rights
 */
export function processAccess(sid: string, home: string, writeRestricted = false): string {
  const users = [sid, ...(writeRestricted ? [homeSid(home)] : [])].map((who) => `(A;;${USE};;;${who})`);
  return `D:P(A;;GA;;;SY)(A;;GA;;;BA)${users.join("")}(A;;RC;;;OW)`;
}
