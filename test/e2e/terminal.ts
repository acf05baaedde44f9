import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { eventually } from "../eventually.ts";
import { wctlPath } from "./daemon-under-test.ts";

/** `script` of util-linux gives a program a real terminal. */
export const noTerminal = spawnSync("script", ["--version"]).status === 0 ? false : "there is no script(1) here";

export interface TerminalOptions {
  columns?: number;
  rows?: number;
  env?: NodeJS.ProcessEnv;
}

/** `wctl` at a terminal, with what a person types. */
export class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  /** All that was written to it, as it is. */
  written = "";
  readonly ended: Promise<number | null>;

  constructor(words: readonly string[], { columns = 80, rows = 24, env = {} }: TerminalOptions = {}) {
    const quoted = [wctlPath, ...words].map((word) => `'${word}'`).join(" ");
    const { NO_COLOR: _, ...inherited } = process.env;
    this.#child = spawn("script", ["-qefc", `stty cols ${columns} rows ${rows}; exec ${quoted}`, "/dev/null"], {
      env: { ...inherited, SHELL: "/bin/sh", TERM: "xterm", ...env },
    });
    this.#child.stdout.on("data", (chunk: Buffer) => {
      this.written += chunk.toString();
    });
    this.ended = new Promise((resolve) => this.#child.once("close", resolve));
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** What runs there gets SIGHUP. */
  close(): void {
    this.#child.kill("SIGKILL");
  }

  shows(what: RegExp): Promise<boolean> {
    return eventually(() => what.test(this.written), `${what} at the terminal`);
  }
}

/** What a person sees in the end: lines that were rewritten in place are as they were written last. */
export function visible(written: string): string[] {
  const lines = [""];
  let column = 0;
  for (const [part] of written.replace(/\x1b\[[\d;]*[mAJ]/g, "").matchAll(/\x1b\[K|\r|\n|[^\x1b\r\n]+/g)) {
    const line = lines.at(-1)!;
    if (part === "\r") column = 0;
    else if (part === "\n") lines.push("");
    else if (part === "\x1b[K") lines[lines.length - 1] = line.slice(0, column);
    else {
      lines[lines.length - 1] = line.slice(0, column).padEnd(column) + part + line.slice(column + part.length);
      column += part.length;
    }
  }
  return lines;
}
