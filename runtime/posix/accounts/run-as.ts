import { type RunAs, StartError, type Unenforced } from "../../runtime.ts";
import type { Credentials } from "../launcher/launch-calls.ts";
import { openLauncher } from "../launcher/launcher.ts";
import { type Account, findAccount, ownAccount } from "./account.ts";
import { DYNAMIC } from "./dynamic-users.ts";

/**
 * The account of a workload; asks `dynamic` for the account of `Dynamic`. Throws AccountNotFound, or AccountNotAllowed when the daemon can't change
 * to it.
 */
export function resolveAccount(runAs: RunAs | undefined, dynamic: () => Account): Account {
  const own = ownAccount();
  if (runAs?.session !== undefined) {
    throw new StartError("AccountNotAllowed", "runAs.session is for Windows: here name an account in runAs.account");
  }
  if (runAs?.account === undefined) return own;
  if (runAs.account === DYNAMIC && own.uid !== 0) throw onlyRoot("an account of its own", own);
  const account = runAs.account === DYNAMIC ? dynamic() : findAccount(runAs.account);
  if (account.uid === own.uid) return account;
  if (own.uid !== 0) throw onlyRoot(account.name, own);
  const launcher = openLauncher();
  if (launcher instanceof Error) {
    throw new StartError("AccountNotAllowed", `no program can be started as ${account.name} here: ${launcher.message}`);
  }
  return account;
}

const onlyRoot = (name: string, own: Account): StartError =>
  new StartError(
    "AccountNotAllowed",
    `only root can start a program as ${name}; this daemon runs as ${own.name}: remove runAs, or run the daemon as root`,
  );

const WINDOWS_ONLY = [
  "keepPrivileges",
  "removePrivileges",
  "writeRestricted",
  "denyOnlyGroups",
  "integrityLevel",
  "mitigations",
] as const;

/** The fields of `runAs` that have no counterpart here. */
export function unenforcedRunAs(runAs: RunAs | undefined): Unenforced[] {
  const asked = WINDOWS_ONLY.filter((field) => {
    const value = runAs?.[field];
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  });
  return asked.map((field) => ({ field: `runAs.${field}`, reason: "it is for Windows" }));
}

/** The rights that a program gives up to become the account; undefined when the daemon runs as that account already. */
export function credentialsOf({ uid, gid, groups }: Account): Credentials | undefined {
  return uid === process.geteuid!() ? undefined : { uid, gid, groups };
}
