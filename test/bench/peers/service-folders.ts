import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Load, type Programs, Supervisor } from "../supervisor.ts";
import { environmentOf, type Installed } from "./peer.ts";

/** Of the family of daemontools: a folder for each service, with a program `run` in it, and a supervisor process for each. */
export abstract class ServiceFolders extends Supervisor {
  protected readonly installed: Installed;
  readonly services = join(this.directory, "services");

  constructor(programs: Programs, installed: Installed) {
    super(programs);
    this.installed = installed;
  }

  protected prepare({ count }: Load): void {
    for (let index = 0; index < count; index += 1) {
      mkdirSync(join(this.services, `c${index}`), { recursive: true });
      this.writeRun(index);
    }
  }

  protected writeRun(index: number, label?: string): void {
    const run = join(this.services, `c${index}/run`);
    const settings = Object.entries(environmentOf(this, index, label)).map(([name, value]) => `${name}="${value}"`);
    writeFileSync(run, `#!/bin/sh\nexport ${settings.join(" ")}\nexec ${this.child} pause\n`);
    chmodSync(run, 0o755);
  }
}
