import { constants } from "node:os";
import type { StopSignal } from "../../runtime.ts";

const PORTABLE: Readonly<Record<string, string>> = {
  CtrlC: "SIGINT",
  CtrlBreak: "SIGQUIT",
  WmClose: "SIGTERM",
  Event: "SIGTERM",
};

/** The number of a stop signal; undefined for `None` and for names this system does not know. */
export function signalNumber(how: StopSignal): number | undefined {
  const name = PORTABLE[how] ?? how;
  return (constants.signals as Record<string, number>)[name];
}
