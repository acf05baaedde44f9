import { type ChildProcess, spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import type { Command, Managed } from "./peer.ts";
import { ServiceFolders } from "./service-folders.ts";

/** runsvdir, and a runsv for each child. It waits a second before a child that has not lived as long. */
export class Runit extends ServiceFolders implements Managed {
  protected launch(): ChildProcess {
    const { program, env } = this.installed;
    // It finds runsv along PATH.
    return spawn(program("runsvdir"), [this.services], { stdio: "ignore", env });
  }

  status(): Command {
    const folders = globSync(join(this.services, "*"));
    return { file: this.installed.program("sv"), args: ["status", ...folders] };
  }

  edit(label: string): Command[] {
    this.writeRun(0, label);
    return [{ file: this.installed.program("sv"), args: ["restart", join(this.services, "c0")] }];
  }

  protected end(supervisor: ChildProcess): void {
    supervisor.kill("SIGHUP"); // Its runsv are to end too.
  }
}
