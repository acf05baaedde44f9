import { nearest } from "../../lib/near-miss.ts";

/** Requests of Windows, which every system takes. */
const REQUESTS = ["CtrlC", "CtrlBreak", "WmClose", "Event", "None"];

/** Of Linux and the BSDs; SIGBREAK is Node's word for Ctrl-Break. */
const CATCHABLE = (
  "HUP INT QUIT ILL TRAP ABRT IOT BUS FPE USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT TSTP TTIN TTOU URG XCPU XFSZ " +
  "VTALRM PROF WINCH IO POLL PWR SYS INFO EMT BREAK"
)
  .split(" ")
  .map((name) => `SIG${name}`);

const UNCATCHABLE = new Set(["SIGKILL", "SIGSTOP"]);

/** Why a stop signal cannot ask a process to end, or undefined. Whether this machine has the signal shows when it is sent. */
export function stopSignalError(signal: string): string | undefined {
  if (REQUESTS.includes(signal) || CATCHABLE.includes(signal)) return undefined;
  if (UNCATCHABLE.has(signal)) {
    return "is not a request: no program can answer it. None asks nothing, and gracePeriodSeconds 0 ends the tree at once";
  }
  const meant = nearest(signal, [...REQUESTS, ...CATCHABLE]);
  const hint = meant === undefined ? "" : ` (did you mean ${meant}?)`;
  return `must be one of ${REQUESTS.join(", ")}, or the name of a signal such as SIGTERM${hint}`;
}
