import { spawn } from "node:child_process";
import type { Ran } from "../e2e/daemon-under-test.ts";

export interface Running {
  /** So far. */
  readonly stdout: string;
  readonly ended: Promise<Ran>;
  /** As Ctrl-C. */
  interrupt(): Promise<Ran>;
}

/** A program in a folder and an environment; never through a shell. */
export class Program {
  readonly #path: string;
  readonly #cwd: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(path: string, cwd: string, env: NodeJS.ProcessEnv) {
    this.#path = path;
    this.#cwd = cwd;
    this.#env = env;
  }

  start(args: readonly string[], stdin: string, env: NodeJS.ProcessEnv): Running {
    const child = spawn(this.#path, args, { cwd: this.#cwd, env: { ...this.#env, ...env } });
    const ran = { code: -1, stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (ran.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (ran.stderr += chunk.toString()));
    child.stdin.on("error", () => {}); // It may end before it has read everything.
    child.stdin.end(stdin);
    const ended = new Promise<Ran>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ ...ran, code: code ?? -1 }));
    });
    return {
      get stdout() {
        return ran.stdout;
      },
      ended,
      interrupt() {
        child.kill("SIGINT");
        return ended;
      },
    };
  }
}
