import { type ChildProcess, spawn } from "node:child_process";
import { until } from "../demo/waiting.ts";
import type { Entry } from "./recording.ts";

/** Runs programs for real and keeps what they printed, and when. */
export class Stage {
  readonly entries: Entry[] = [];
  readonly #wctl: string;
  readonly #cwd: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #shown: (text: string) => string;

  /** `shown`: makes the text for the picture, without details such as the name of a temporary folder. */
  constructor(wctl: string, cwd: string, env: NodeJS.ProcessEnv, shown: (text: string) => string) {
    this.#wctl = wctl;
    this.#cwd = cwd;
    this.#env = env;
    this.#shown = shown;
  }

  say(text: string): void {
    this.entries.push({ kind: "comment", text });
  }

  /** A command that somebody types, of which this is not the one that runs it. */
  type(text: string): void {
    this.entries.push({ kind: "command", text: this.#shown(text) });
  }

  /** `wctl ARGS`, typed and run. Throws when it fails. */
  async wctl(...args: string[]): Promise<void> {
    this.type(["wctl", ...args].join(" "));
    await this.run(this.#wctl, args);
  }

  /** The same, but only the first lines of its output are shown. */
  async first(lines: number, ...args: string[]): Promise<void> {
    this.type(`${["wctl", ...args].join(" ")} | head -${lines}`);
    const started = performance.now();
    const text = (await this.ask(...args)).split("\n").slice(0, lines).join("\n");
    this.entries.push({ kind: "output", text: this.#shown(text), afterMs: performance.now() - started });
  }

  /** Runs a program whose command was typed already; its output is kept. Throws when it fails. */
  async run(program: string, args: readonly string[]): Promise<void> {
    const child = this.#start(program, args);
    const code = await new Promise((resolve) => child.once("close", resolve));
    if (code !== 0) throw new Error(`${program} ${args.join(" ")} exited with ${code}`);
  }

  /** The same for a daemon: returns when it has printed its first line. */
  async daemon(args: readonly string[]): Promise<ChildProcess> {
    const before = this.entries.length;
    const child = this.#start(this.#wctl, args);
    await until("the ready line", () => {
      if (child.exitCode !== null) throw new Error(`the daemon exited with ${child.exitCode}`);
      return this.entries.length > before;
    });
    return child;
  }

  /** What a command prints, without showing it. */
  async ask(...args: string[]): Promise<string> {
    const child = spawn(this.#wctl, args, { cwd: this.#cwd, env: this.#env, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    for await (const chunk of child.stdout.setEncoding("utf8")) text += chunk;
    return text;
  }

  #start(program: string, args: readonly string[]): ChildProcess {
    const started = performance.now();
    const child = spawn(program, args, { cwd: this.#cwd, env: this.#env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.entries.push({ kind: "output", text: this.#shown(text), afterMs: performance.now() - started });
      });
    }
    return child;
  }
}
