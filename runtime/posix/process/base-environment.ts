import type { Account } from "../accounts/account.ts";

/** The search path of bare command names, and the PATH of workloads that declare none. */
export const SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The variables of `inheritEnvironment: System` (docs/environment.md). Nothing of the daemon's own environment is in them. */
export function baseEnvironment(account: Account): Record<string, string> {
  return {
    PATH: SEARCH_PATH,
    HOME: account.home,
    USER: account.name,
    LOGNAME: account.name,
    SHELL: account.shell,
    LANG: "C.UTF-8",
    TMPDIR: "/tmp",
  };
}
