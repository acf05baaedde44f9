import { instanceSid } from "../accounts/process-account.ts";

/** All of a process or thread but to change who may do what with it, and to own it. */
const USE = "0x13ffff";

/**
 * Who may open a workload's process and its first thread: the system, administrators, and its own account, which can't open it to others.
 * A write-restricted one needs the word for its instance to open itself.
 * https://learn.microsoft.com/windows/win32/procthread/process-security-and-access-rights
 */
export function processAccess(sid: string, instance: string, writeRestricted = false): string {
  const users = [sid, ...(writeRestricted ? [instanceSid(instance)] : [])].map((who) => `(A;;${USE};;;${who})`);
  return `D:P(A;;GA;;;SY)(A;;GA;;;BA)${users.join("")}(A;;RC;;;OW)`;
}
