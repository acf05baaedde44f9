import { spawn } from "node:child_process";
import { isSea } from "node:sea";
import { fileURLToPath } from "node:url";
import type { Win32Context } from "./context.ts";
import { type ConsoleEvent, SENT } from "./ctrl-c.ts";

/** It only attaches and sends; the start of the program is what takes time. */
const SENDER_MS = 10_000;

/** How to start the sender: the executable itself, or its script under this Node. */
export function consoleSender(): readonly string[] {
  if (isSea()) return [process.execPath, "__ctrlc"];
  return [process.execPath, fileURLToPath(new URL("./ctrl-c-main.ts", import.meta.url))];
}

/** Resolves with false when the event could not be sent: no console, another session, or the process has ended. */
export function sendConsoleEvent(context: Win32Context, pid: number, event: ConsoleEvent): Promise<boolean> {
  const [program = "", ...args] = context.consoleSender;
  return new Promise((resolve) => {
    const sender = spawn(program, [...args, String(pid), event], {
      env: { ...context.baseEnvironment },
      stdio: "ignore",
      windowsHide: true,
    });
    const timer = context.clock.after(SENDER_MS, () => sender.kill());
    const settle = (sent: boolean): void => {
      timer.cancel();
      resolve(sent);
    };
    sender.once("error", () => settle(false));
    sender.once("exit", (code) => settle(code === SENT));
  });
}
