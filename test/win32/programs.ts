import { execFile } from "node:child_process";
import { isWine } from "./platform.ts";

export interface Ran {
  code: number;
  out: string;
  err: string;
}

const MOST_BIRTHS = 3;

/** Runs a program to its end. Lines end in LF. */
export function runProgram(program: string, ...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    created(() =>
      execFile(program, args, { encoding: "utf8" }, (error, out, err) => {
        const code = error ? (typeof error.code === "number" ? error.code : -1) : 0;
        resolve({ code, out: out.replaceAll("\r\n", "\n"), err: err.replaceAll("\r\n", "\n") });
      }),
    );
  });
}

/**
 * Wine's CreateProcess answers ERROR_INTERNAL_ERROR, `spawn UNKNOWN` in Node's words, when the new process ended before it had loaded its image, as
 * may happen on a busy machine (`runtime/win32/process/create-process.ts`). Nothing of it has run, so it is created again.
 */
function created<T>(create: () => T): T {
  for (let tries = 1; ; tries++) {
    try {
      return create();
    } catch (error) {
      if (!isWine || (error as NodeJS.ErrnoException).code !== "UNKNOWN" || tries >= MOST_BIRTHS) throw error;
    }
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
