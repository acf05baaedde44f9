import type { StopSignal } from "../../runtime.ts";
import type { Win32Context } from "../context.ts";
import type { Workload } from "../workload.ts";
import { closeWindows } from "./close-windows.ts";

type WindowsSignal = "CtrlC" | "CtrlBreak" | "WmClose" | "Event";

/** The names of POSIX signals, read as what does the same here. Others have no counterpart. */
const SIGNALS: Readonly<Record<string, WindowsSignal>> = {
  SIGINT: "CtrlC",
  SIGTERM: "CtrlC",
  SIGBREAK: "CtrlBreak",
  SIGQUIT: "CtrlBreak",
};

/** One rung of the stop ladder. Resolves with false when the request could not be delivered. */
export async function requestStop(context: Win32Context, workload: Workload, how: StopSignal): Promise<boolean> {
  const { process, job } = workload;
  if (!process || process.hasEnded) return false;
  switch (SIGNALS[how] ?? how) {
    case "CtrlC":
      return context.consoleSender.send(process.pid, "ctrl-c");
    case "CtrlBreak":
      return context.consoleSender.send(process.pid, "ctrl-break");
    case "WmClose":
      return closeWindows(context.api, new Set(job?.members() ?? [process.pid]));
    case "Event":
      return workload.stopEvent?.set() ?? false;
    default:
      return false;
  }
}
