import { LOCAL_SERVICE, LOCAL_SYSTEM, NETWORK_SERVICE, VIRTUAL_ACCOUNTS } from "../security/sid.ts";

/**
 * How an account logs on: the built-in ones, `virtual` (`NT SERVICE\x`) and `managed` (`DOMAIN\name$`) without a password; `process` is the account
 * of a Process.
 */
export type AccountKind = "system" | "local-service" | "network-service" | "virtual" | "process" | "managed" | "user";

export interface AccountName {
  kind: AccountKind;
  /** In the form for LogonUserW. `domain` null: `user` has the form user@domain. */
  user: string;
  domain: string | null;
  /** In the form for LookupAccountNameW. */
  lookUp: string;
  /** Absent where Windows has to be asked. */
  sid?: string;
}

const NT_AUTHORITY = "NT AUTHORITY";
const NT_SERVICE = "NT SERVICE";

/** The spellings that Windows itself accepts for its accounts, without blanks and in lower case. */
const BUILT_IN: Readonly<Record<string, AccountName>> = {
  system: builtIn("system", "SYSTEM", LOCAL_SYSTEM),
  localsystem: builtIn("system", "SYSTEM", LOCAL_SYSTEM),
  localservice: builtIn("local-service", "LocalService", LOCAL_SERVICE),
  networkservice: builtIn("network-service", "NetworkService", NETWORK_SERVICE),
};

const BY_SID: Readonly<Record<string, AccountName>> = Object.fromEntries(
  Object.values(BUILT_IN).map((name) => [name.sid, name]),
);

function builtIn(kind: AccountKind, user: string, sid: string): AccountName {
  return { kind, user, domain: NT_AUTHORITY, lookUp: `${NT_AUTHORITY}\\${user}`, sid };
}

/** Reads `runAs.account` in the forms of services.msc and sc.exe. It does not know yet whether there is such an account. */
export function parseAccount(text: string): AccountName {
  const at = text.indexOf("\\");
  const [domain, user] = at < 0 ? [undefined, text] : [text.slice(0, at), text.slice(at + 1)];
  const known = BUILT_IN[user.replaceAll(" ", "").toLowerCase()];
  if (known && (domain === undefined || domain === "." || isNamed(domain, NT_AUTHORITY))) return known;
  if (domain !== undefined && isNamed(domain, NT_SERVICE)) {
    return { kind: "virtual", user, domain: NT_SERVICE, lookUp: `${NT_SERVICE}\\${user}` };
  }
  const kind = user.endsWith("$") ? "managed" : "user";
  if (domain === undefined && user.includes("@")) return { kind, user, domain: null, lookUp: user };
  const where = domain ?? ".";
  return { kind, user, domain: where, lookUp: `${where}\\${user}` };
}

/** The SID decides, since Windows knows its own accounts by other names in other languages. */
export function withSid(name: AccountName, sid: string): AccountName & { sid: string } {
  const builtIn = BY_SID[sid];
  if (builtIn) return { ...builtIn, sid };
  return { ...name, sid, kind: sid.startsWith(VIRTUAL_ACCOUNTS) ? "virtual" : name.kind };
}

const isNamed = (text: string, name: string): boolean => text.toLowerCase() === name.toLowerCase();
