import { homedir } from "node:os";
import { join } from "node:path";

/** `%ProgramData%\wctl`, `/var/lib/wctl` for root, else `~/.local/share/wctl`: where the CLI looks for `admin.kubeconfig` too. */
export function defaultDataDir(): string {
  if (process.getuid === undefined) return join(process.env.ProgramData ?? "C:\\ProgramData", "wctl");
  if (process.getuid() === 0) return "/var/lib/wctl";
  return join(homedir(), ".local", "share", "wctl");
}
