import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Load, Supervisor } from "../supervisor.ts";
import { inOwnCgroup, type OwnCgroup } from "./own-cgroup.ts";
import { type Command, environmentOf, type Managed } from "./peer.ts";

export const SYSTEMD = "/usr/lib/systemd/systemd";
/** What says that this machine was started by systemd; without it a manager of a user does not start. */
const BOOTED = "/run/systemd/system";

/** A manager of its own (`systemd --user`), in a cgroup of its own, with a unit for each child. */
export class Systemd extends Supervisor implements Managed {
  readonly #runtime = join(this.directory, "run");
  readonly #units = join(this.directory, "config/systemd/user");
  #cgroup: OwnCgroup | undefined;

  protected prepare({ count }: Load): void {
    mkdirSync(this.#runtime, { mode: 0o700 });
    for (const folder of [this.#units, join(this.directory, "home")]) mkdirSync(folder, { recursive: true });
    for (let index = 0; index < count; index += 1) this.#write(index);
    const names = Array.from({ length: count }, (_, index) => `c${index}.service`);
    // Several lines: one has a limit.
    const wants = names.map((name) => `Wants=${name}\n`).join("");
    writeFileSync(join(this.#units, "default.target"), `[Unit]\nAllowIsolate=yes\n${wants}`);
  }

  protected launch(): ChildProcess {
    const [file = "", ...args] = existsSync(BOOTED) ? [SYSTEMD, "--user"] : asBooted();
    const { supervisor, cgroup } = inOwnCgroup(() => spawn(file, args, { stdio: "ignore", env: this.#env }));
    this.#cgroup = cgroup;
    return supervisor;
  }

  status(): Command {
    return this.#ctl("list-units", "--type=service", "--no-pager");
  }

  edit(label: string): Command[] {
    this.#write(0, label);
    return [this.#ctl("daemon-reload"), this.#ctl("restart", "c0")];
  }

  override async stop(): Promise<void> {
    await super.stop();
    this.#cgroup?.remove();
  }

  protected end(supervisor: ChildProcess): void {
    supervisor.kill("SIGTERM");
  }

  get #env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: join(this.directory, "home"),
      XDG_CONFIG_HOME: join(this.directory, "config"),
      XDG_RUNTIME_DIR: this.#runtime,
    };
  }

  #write(index: number, label?: string): void {
    const settings = Object.entries(environmentOf(this, index, label)).map(([name, value]) => `"${name}=${value}"`);
    const unit = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=${this.child} pause
Environment=${settings.join(" ")}
Restart=always
RestartSec=0
StandardOutput=append:${this.directory}/open/c${index}.log
StandardError=inherit
`;
    writeFileSync(join(this.#units, `c${index}.service`), unit);
  }

  #ctl(...args: string[]): Command {
    return { file: "systemctl", args: ["--user", ...args], env: this.#env };
  }
}

/** In mounts of its own, where /run says so. */
const asBooted = (): string[] => {
  const script = `mount -t tmpfs tmpfs /run && mkdir -p ${BOOTED} && exec ${SYSTEMD} --user`;
  return ["unshare", "--mount", "/bin/sh", "-c", script];
};
