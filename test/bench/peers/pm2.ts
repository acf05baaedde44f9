import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Load, type Programs, Supervisor } from "../supervisor.ts";
import { type Command, environmentOf, type Managed } from "./peer.ts";

/** Its command starts the daemon and ends. */
export class Pm2 extends Supervisor implements Managed {
  protected override readonly staysInForeground = false;
  readonly #program: string;
  readonly #home = join(this.directory, "home");
  readonly #pidFile = join(this.#home, "pm2.pid");
  readonly #file = join(this.directory, "ecosystem.json");
  readonly #env = { ...process.env, PM2_HOME: this.#home };
  #count = 0;

  constructor(programs: Programs, program: string) {
    super(programs);
    this.#program = program;
  }

  override get pid(): number {
    return Number(readFileSync(this.#pidFile, "utf8"));
  }

  protected prepare({ count }: Load): void {
    this.#count = count;
    this.#write();
  }

  protected launch(): ChildProcess {
    const { file, args, env } = this.#command("start", this.#file);
    return spawn(file, args, { stdio: "ignore", env });
  }

  status(): Command {
    return this.#command("ls");
  }

  edit(label: string): Command[] {
    this.#write(label);
    return [this.#command("restart", this.#file, "--only", "c0", "--update-env")];
  }

  /** `pm2 kill` ends one child after the other, and takes a minute for hundreds. */
  override async stop(): Promise<void> {
    if (existsSync(this.#pidFile)) process.kill(this.pid, "SIGKILL");
    await super.stop();
  }

  protected end(supervisor: ChildProcess): void {
    supervisor.kill("SIGTERM");
  }

  #write(label?: string): void {
    const apps = Array.from({ length: this.#count }, (_, index) => ({
      name: `c${index}`,
      script: this.child,
      args: "pause",
      interpreter: "none",
      max_restarts: 1_000_000,
      env: environmentOf(this, index, index === 0 ? label : undefined),
    }));
    writeFileSync(this.#file, JSON.stringify({ apps }));
  }

  #command(...args: string[]): Command & { env: NodeJS.ProcessEnv } {
    return { file: process.execPath, args: [this.#program, ...args], env: this.#env };
  }
}
