import { existsSync } from "node:fs";
import { type RunAs, StartError, type Unenforced } from "../../runtime.ts";
import { requireExecutableBy } from "../process/image.ts";
import { type Account, findAccount, ownAccount } from "./account.ts";

/** util-linux; it changes the credentials in its own process and execs in place, so pid, session and cgroup stay. */
const SETPRIV = "/usr/bin/setpriv";

export interface Program {
  image: string;
  argv: readonly string[];
}

/** The account of a workload. Throws AccountNotFound, or AccountNotAllowed when the daemon can't change to it. */
export function resolveAccount(runAs: RunAs | undefined): Account {
  const own = ownAccount();
  if (runAs?.session !== undefined) {
    throw new StartError("AccountNotAllowed", "runAs.session is for Windows: here name an account in runAs.account");
  }
  if (runAs?.account === undefined) return own;
  const account = findAccount(runAs.account);
  if (account.uid === own.uid) return account;
  if (own.uid !== 0) {
    throw new StartError(
      "AccountNotAllowed",
      `only root can start a program as ${account.name}; this daemon runs as ${own.name}: remove runAs, or run the daemon as root`,
    );
  }
  if (!existsSync(SETPRIV)) {
    throw new StartError(
      "AccountNotAllowed",
      `${SETPRIV} is missing: install util-linux to run programs as ${account.name}`,
    );
  }
  return account;
}

const WINDOWS_ONLY = [
  "keepPrivileges",
  "removePrivileges",
  "writeRestricted",
  "denyOnlyGroups",
  "integrityLevel",
  "mitigations",
] as const;

/** What of `runAs` has no counterpart here. */
export function unenforcedRunAs(runAs: RunAs | undefined): Unenforced[] {
  const asked = WINDOWS_ONLY.filter((field) => {
    const value = runAs?.[field];
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  });
  return asked.map((field) => ({ field: `runAs.${field}`, reason: "it is for Windows" }));
}

/**
 * The program as it is run for an account. A thread of the daemon never changes its own credentials: for that moment the account
 * could signal the daemon. `--` keeps an image that begins with "-" from being read as an option.
 */
export function asAccount(account: Account, program: Program, workingDir: string): Program {
  if (account.uid === process.geteuid!()) return program;
  requireExecutableBy(account, program.image, workingDir);
  const options = [
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    `--groups=${account.groups.join(",")}`,
    "--no-new-privs",
    "--inh-caps=-all",
    "--bounding-set=-all",
  ];
  return { image: SETPRIV, argv: [SETPRIV, ...options, "--", program.image, ...program.argv.slice(1)] };
}
