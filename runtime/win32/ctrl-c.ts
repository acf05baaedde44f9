import { constants } from "./ffi/constants.ts";
import { loadWinapi, type Winapi } from "./ffi/winapi.ts";

export type ConsoleEvent = "ctrl-c" | "ctrl-break";

/** Exit codes of the sender. */
export const SENT = 0;
export const NOT_SENT = 1;

/**
 * Body of `wctl __ctrlc PID ctrl-c|ctrl-break`, a short-lived process of our own: it joins the console of the workload and sends the event from
 * there, so that the daemon never attaches to anybody's console. Ctrl-C goes to all on that console (group 0), and is ignored here; the
 * flag that says so is inherited by children, so this process must never start one. Ctrl-Break goes to the group that `pid` leads.
 */
export function sendConsoleEvent(pid: number, event: ConsoleEvent, api: Winapi = loadWinapi()): number {
  api.FreeConsole();
  if (!api.AttachConsole(pid)) return NOT_SENT;
  if (event === "ctrl-break") return sent(api.GenerateConsoleCtrlEvent(constants.CTRL_BREAK_EVENT, pid));
  api.SetConsoleCtrlHandler(null, 1);
  return sent(api.GenerateConsoleCtrlEvent(constants.CTRL_C_EVENT, 0));
}

/** For the command line: `PID ctrl-c|ctrl-break`. */
export function consoleEventMain(args: readonly string[]): number {
  const [pid = "", event = ""] = args;
  if (!/^[1-9]\d*$/.test(pid) || (event !== "ctrl-c" && event !== "ctrl-break")) return NOT_SENT;
  return sendConsoleEvent(Number(pid), event);
}

const sent = (done: number): number => (done ? SENT : NOT_SENT);
