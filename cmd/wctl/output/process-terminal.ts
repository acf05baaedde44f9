import type { ReadStream, WriteStream } from "node:tty";
import type { Terminal } from "./terminal.ts";

/** Standard input of this process. Node gives a terminal back as it was when the process ends, however it ends. */
export function processTerminal(): Terminal {
  const input = process.stdin as ReadStream;
  const shown = process.stdout as WriteStream;
  return {
    input,
    isTTY: input.isTTY === true,
    size: () => ({ columns: shown.columns || 80, rows: shown.rows || 24 }),
    raw: (on) => {
      if (!input.isTTY) return;
      input.setRawMode(on);
      if (on) leaveOutputAsItIs();
    },
    onResize: (listener) => {
      shown.on("resize", listener);
      return () => shown.off("resize", listener);
    },
    release: () => {
      input.pause();
      input.unref?.();
    },
  };
}

/**
 * Node's raw mode still begins a new line with a carriage return, which programs that draw do not expect. Where there is no stty, as on Windows, nothing is to
 * be done. Leaving raw mode takes this back too.
 */
function leaveOutputAsItIs(): void {
  if (process.getuid === undefined) return;
  const { spawnSync } = process.getBuiltinModule("node:child_process"); // Few verbs come here, and to load it costs each of the others 3 ms.
  spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
}
