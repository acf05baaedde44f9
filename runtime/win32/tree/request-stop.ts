import type { StopSignal } from "../../runtime.ts";
import type { Win32Context } from "../context.ts";
import { constants } from "../ffi/constants.ts";
import { HeldProcess } from "../process/held-process.ts";
import { closeWindows } from "../stop/close-windows.ts";
import type { Win32Workload } from "../workload.ts";

type WindowsSignal = "CtrlC" | "CtrlBreak" | "WmClose" | "Event";

/** POSIX signals by the Windows signal that does the same. Others have no counterpart. */
const SIGNALS: Readonly<Record<string, WindowsSignal>> = {
  SIGINT: "CtrlC",
  SIGTERM: "CtrlC",
  SIGBREAK: "CtrlBreak",
  SIGQUIT: "CtrlBreak",
};

const LOOK = constants.PROCESS_QUERY_LIMITED_INFORMATION | constants.SYNCHRONIZE;
/** So many processes without a console are tried; the others of a tree share the console of one of them, or have none. */
const MOST_TRIED = 8;

/**
 * One stage of a stop. Ctrl-C reaches all that share the console of the process, WmClose all windows of the tree. When the main process of a
 * tree has ended, the rest is asked the same way. Resolves with false when the request could not be delivered.
 */
export async function requestStop(context: Win32Context, workload: Win32Workload, how: StopSignal): Promise<boolean> {
  const { process, job } = workload;
  const main = process && !process.hasEnded ? process : undefined;
  switch (SIGNALS[how] ?? how) {
    case "CtrlC":
      return main ? context.consoleSender.send(main.pid, "ctrl-c") : askLeftovers(context, workload);
    case "CtrlBreak":
      return main ? context.consoleSender.send(main.pid, "ctrl-break") : false;
    case "WmClose":
      return closeWindows(context.api, new Set(job?.members() ?? (main ? [main.pid] : [])));
    case "Event":
      return (main && workload.stopEvent?.set()) ?? false;
    default:
      return false;
  }
}

/** Asks what is left. Each process is held and checked while we join its console, so that its pid is nobody else's (P4). */
async function askLeftovers({ api, consoleSender }: Win32Context, { job }: Win32Workload): Promise<boolean> {
  for (const pid of job?.members().slice(0, MOST_TRIED) ?? []) {
    const member = HeldProcess.open(api, pid, LOOK);
    try {
      if (member && job?.has(member.handle) && (await consoleSender.send(pid, "ctrl-c"))) return true;
    } finally {
      member?.close();
    }
  }
  return false;
}
