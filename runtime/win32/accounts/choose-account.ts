import { type RunAs, StartError } from "../../runtime.ts";
import { LOCAL_SYSTEM } from "../security/sid.ts";
import { type AccountKind, type AccountName, parseAccount } from "./account-name.ts";
import type { NeededPrivilege } from "./privileges.ts";
import { type ProcessAccount, processAccount } from "./process-account.ts";

/** The account of this daemon. */
export interface DaemonAccount {
  sid: string;
  /** `DOMAIN\name` */
  label: string;
}

export type AccountChoice =
  | { from: "own" }
  | { from: "account"; name: AccountName }
  | { from: "process"; account: ProcessAccount }
  | { from: "session"; session: "Console" | number };

/** `runAs.account: Dynamic`, on every system: an account that the Process has for itself. */
const DYNAMIC = "Dynamic";

/**
 * The account that a manifest asks for. If it names none: the Process's own account when the daemon is LocalSystem, else the daemon's; never with its
 * privileges. Windows' services and anybody who names them share LocalService and NetworkService, and the task scheduler gives these all their
 * privileges back. So they are used only when they are named (docs/decisions/0022).
 */
export function chooseAccount({ account, session }: RunAs, own: DaemonAccount, owner: string): AccountChoice {
  if (session !== undefined) return { from: "session", session };
  if (account === DYNAMIC || (account === undefined && own.sid === LOCAL_SYSTEM)) {
    return { from: "process", account: processAccount(owner) };
  }
  return account === undefined ? { from: "own" } : { from: "account", name: parseAccount(account) };
}

/** LocalSystem is known by its SID, however it was written. Throws StartError AccountNotAllowed where no workload may have it. */
export function requireAllowed(sid: string, own: DaemonAccount, allowPrivileged: boolean): void {
  if (sid !== LOCAL_SYSTEM) return;
  if (!allowPrivileged) {
    throw new StartError(
      "AccountNotAllowed",
      "LocalSystem has all rights on this machine: a workload gets it only when the daemon's configuration file (--config) says allowPrivileged: true",
    );
  }
  if (own.sid === LOCAL_SYSTEM) return;
  throw new StartError(
    "AccountNotAllowed",
    `only a daemon that runs as LocalSystem can start programs as LocalSystem; this one runs as ${own.label}`,
  );
}

const STARTS_OTHERS: readonly NeededPrivilege[] = ["SeAssignPrimaryTokenPrivilege", "SeIncreaseQuotaPrivilege"];
const LOADS_PROFILES: readonly NeededPrivilege[] = ["SeBackupPrivilege", "SeRestorePrivilege"];

/** Windows itself loads the profiles of its own services. */
export const hasProfile = (kind: AccountKind): boolean => kind === "user" || kind === "managed" || kind === "virtual";

/** The privileges that the daemon must hold to start a program as somebody else. */
export function privilegesFor(kind: AccountKind | "session"): readonly NeededPrivilege[] {
  if (kind === "session") return [...STARTS_OTHERS, "SeTcbPrivilege"];
  return [
    ...STARTS_OTHERS,
    ...(kind === "virtual" || kind === "process" ? (["SeTcbPrivilege"] as const) : []),
    ...(hasProfile(kind) ? LOADS_PROFILES : []),
  ];
}

/** Throws StartError AccountNotAllowed, which names the missing privileges. */
export function requirePrivileges(
  kind: AccountKind | "session",
  who: string,
  own: DaemonAccount,
  missing: Set<string>,
): void {
  const lacking = privilegesFor(kind).filter((name) => missing.has(name));
  if (lacking.length === 0) return;
  throw new StartError(
    "AccountNotAllowed",
    `this daemon runs as ${own.label} and lacks ${lacking.join(", ")}, so it can't start programs as ${who}: ` +
      "install it as the service under LocalSystem (wctl service install), or remove runAs",
  );
}
