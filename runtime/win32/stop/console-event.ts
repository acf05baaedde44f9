import { writeSync } from "node:fs";
import { constants } from "../ffi/constants.ts";
import { loadWinapi, type Winapi } from "../ffi/winapi.ts";
import { joinConsole } from "./join-console.ts";

export type ConsoleEvent = "ctrl-c" | "ctrl-break";

/** One request of the sender's command line: `PID=EVENT`. */
export const requestOf = (pid: number, event: ConsoleEvent): string => `${pid}=${event}`;

const REQUEST = /^([1-9]\d*)=(ctrl-c|ctrl-break)$/;

/**
 * The body of `wctl __ctrlc PID=EVENT ...`, a short-lived process of our own. For each request it prints a line on stdout as soon as it is done:
 * `true`, or `false` when there was no console to join. Returns the exit code.
 */
export function consoleEventMain(
  requests: readonly string[],
  api: Winapi = loadWinapi(),
  tell: (line: string) => void = (line) => writeSync(1, line),
): number {
  for (const request of requests) {
    const [, pid = "", event = ""] = REQUEST.exec(request) ?? [];
    tell(`${pid !== "" && sendConsoleEvent(Number(pid), event as ConsoleEvent, api)}\n`);
  }
  return 0;
}

/**
 * Joins the console of the workload and sends the event from there, so that the daemon never attaches to anybody's console. Ctrl-C goes to all on
 * that console (group 0). This process ignores it; children inherit the flag that says so, so it must never start one. Ctrl-Break goes to the group
 * that `pid` leads.
 */
export function sendConsoleEvent(pid: number, event: ConsoleEvent, api: Winapi): boolean {
  api.FreeConsole();
  if (!joinConsole(api, pid)) return false;
  if (event === "ctrl-break") return api.GenerateConsoleCtrlEvent(constants.CTRL_BREAK_EVENT, pid) !== 0;
  api.SetConsoleCtrlHandler(null, 1);
  return api.GenerateConsoleCtrlEvent(constants.CTRL_C_EVENT, 0) !== 0;
}
