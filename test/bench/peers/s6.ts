import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Command, Managed } from "./peer.ts";
import { ServiceFolders } from "./service-folders.ts";

/** More than there are in any load; 1000 is its own limit. */
const MAX_SERVICES = "2000";

/** s6-svscan, and an s6-supervise for each child. It has no command that shows all of them. */
export class S6 extends ServiceFolders implements Managed {
  protected launch(): ChildProcess {
    const { program, env } = this.installed;
    return spawn(program("s6-svscan"), ["-c", MAX_SERVICES, this.services], { stdio: "ignore", env });
  }

  edit(label: string): Command[] {
    this.writeRun(0, label);
    const { program, env } = this.installed;
    return [{ file: program("s6-svc"), args: ["-r", join(this.services, "c0")], env }];
  }

  protected end(supervisor: ChildProcess): void {
    supervisor.kill("SIGTERM");
  }
}
