import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Load, type Programs, Supervisor } from "../supervisor.ts";
import { type Command, environmentOf, type Installed, type Managed } from "./peer.ts";

/** With a file for each program, as its package has them. */
export class Supervisord extends Supervisor implements Managed {
  readonly #installed: Installed;
  readonly #config = join(this.directory, "supervisord.conf");

  constructor(programs: Programs, installed: Installed) {
    super(programs);
    this.#installed = installed;
  }

  protected prepare({ count }: Load): void {
    for (const folder of ["conf.d", "log"]) mkdirSync(join(this.directory, folder));
    const sections = {
      supervisord: { nodaemon: true, minfds: 3 * count + 1024, childlogdir: "log", logfile: "log/supervisord.log" },
      unix_http_server: { file: "socket" },
      supervisorctl: { serverurl: `unix://${this.directory}/socket` },
      "rpcinterface:supervisor": {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface",
      },
      include: { files: "conf.d/*.conf" },
    };
    writeFileSync(this.#config, Object.entries(sections).map(section).join("\n"));
    for (let index = 0; index < count; index += 1) this.#write(index);
  }

  protected launch(): ChildProcess {
    const args = [this.#installed.program("supervisord"), "-c", this.#config];
    return spawn("python3", args, { cwd: this.directory, stdio: "ignore", env: this.#installed.env });
  }

  status(): Command {
    return this.#ctl("status");
  }

  edit(label: string): Command[] {
    this.#write(0, label);
    return [this.#ctl("update")];
  }

  protected end(supervisor: ChildProcess): void {
    supervisor.kill("SIGTERM");
  }

  #write(index: number, label?: string): void {
    const settings = Object.entries(environmentOf(this, index, label)).map(([name, value]) => `${name}="${value}"`);
    const program = { command: `${this.child} pause`, autorestart: true, environment: settings.join(",") };
    writeFileSync(join(this.directory, `conf.d/c${index}.conf`), section([`program:c${index}`, program]));
  }

  #ctl(verb: string): Command {
    const args = [this.#installed.program("supervisorctl"), "-c", this.#config, verb];
    return { file: "python3", args, env: this.#installed.env };
  }
}

const section = ([name, values]: [string, Record<string, unknown>]): string =>
  `[${name}]\n${Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("")}`;
