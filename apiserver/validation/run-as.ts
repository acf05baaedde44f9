import type { RunAs } from "../../api/types.generated.ts";
import { keyRefCauses } from "./environment.ts";
import { duplicate, type FieldError, forbiddenField, invalidValue } from "./field-error.ts";
import { lineError } from "./text.ts";

/** Larger ones no Windows gives out. */
const LAST_SESSION = 65_535;
/** Each means "none" to one of Linux' system calls, so no account has it. */
const NO_UIDS: readonly number[] = [65_535, 4_294_967_295];

/** Rules between the fields of `runAs`. What an account may be on this machine is seen when it starts. */
export const runAsCauses = (runAs: RunAs | undefined, path: string): FieldError[] =>
  runAs === undefined
    ? []
    : [
        ...accountCauses(runAs, path),
        ...sessionCauses(runAs, path),
        ...passwordCauses(runAs, `${path}.passwordSecretRef`),
        ...privilegeCauses(runAs, path),
        ...groupCauses(runAs.denyOnlyGroups ?? [], `${path}.denyOnlyGroups`),
        ...repeated(runAs.mitigations ?? [], `${path}.mitigations`),
      ];

function accountCauses({ account }: RunAs, path: string): FieldError[] {
  const error = account === undefined ? undefined : (lineError(account) ?? accountError(account));
  return error ? [invalidValue(`${path}.account`, account, error)] : [];
}

/** Why this cannot be an account on any system, or undefined. Also for `defaults.runAs` of the daemon's configuration. */
export function accountError(account: string): string | undefined {
  if (account.trim() !== account) return "must not begin or end with a blank";
  if (/^[+-]?\d+$/.test(account)) return numberError(account);
  const { domain, name } = partsOf(account);
  if (domain === "" || name === "") return "must have a name on both sides of the backslash: DOMAIN\\user, or .\\user";
  return name.includes("\\") ? "must have one backslash at most: DOMAIN\\user" : undefined;
}

function numberError(account: string): string | undefined {
  const uid = Number(account);
  if (uid === 0) return "must not be root by number: name it (root) if that is what is meant";
  if (String(uid) === account && uid > 0 && uid < 2 ** 32 && !NO_UIDS.includes(uid)) return undefined;
  return "must be the number of a user, 1 to 4294967294 without signs and leading zeros (65535 is none), or a name";
}

function sessionCauses({ account, session }: RunAs, path: string): FieldError[] {
  if (session === undefined) return [];
  const field = `${path}.session`;
  if (account !== undefined) return [forbiddenField(field, "may not be specified together with account")];
  const number = typeof session === "number" ? session : Number(/^\d+$/.test(session) ? session : Number.NaN);
  if (session === "Console" || (number >= 1 && number <= LAST_SESSION)) return [];
  return [invalidValue(field, session, `must be Console or the number of a session, 1 to ${LAST_SESSION}`)];
}

function passwordCauses({ account, passwordSecretRef }: RunAs, field: string): FieldError[] {
  if (!passwordSecretRef) return [];
  const kind = account === undefined ? "what has no account" : withoutPassword(account);
  if (kind !== undefined) return [forbiddenField(field, `${kind} has no password`)];
  return keyRefCauses(passwordSecretRef, field);
}

/** Accounts of Windows that log on without a password, in words; undefined for a user. */
function withoutPassword(account: string): string | undefined {
  if (account === "Dynamic") return "a dynamic account";
  const { domain = "", name } = partsOf(account);
  if (/^nt service$/i.test(domain)) return "a virtual account";
  if (name.endsWith("$")) return "a managed service account";
  const isBuiltIn =
    /^(nt authority|\.)?$/i.test(domain) && /^(system|localsystem|(local|network) ?service)$/i.test(name);
  return isBuiltIn ? "a built-in account" : undefined;
}

function partsOf(account: string): { domain?: string; name: string } {
  const at = account.indexOf("\\");
  return at < 0 ? { name: account } : { domain: account.slice(0, at), name: account.slice(at + 1) };
}

function privilegeCauses({ keepPrivileges, removePrivileges }: RunAs, path: string): FieldError[] {
  if (keepPrivileges && removePrivileges) {
    return [forbiddenField(`${path}.removePrivileges`, "may not be specified together with keepPrivileges")];
  }
  return [
    ...repeated(keepPrivileges ?? [], `${path}.keepPrivileges`),
    ...repeated(removePrivileges ?? [], `${path}.removePrivileges`),
  ];
}

const groupCauses = (groups: readonly string[], path: string): FieldError[] => [
  ...groups.flatMap((group, index) => {
    const error = lineError(group);
    return error ? [invalidValue(`${path}[${index}]`, group, error)] : [];
  }),
  ...repeated(groups, path),
];

function repeated(names: readonly string[], path: string): FieldError[] {
  const seen = new Set<string>();
  return names.flatMap((name, index) => {
    const folded = name.toUpperCase();
    if (seen.has(folded)) return [duplicate(`${path}[${index}]`, name)];
    seen.add(folded);
    return [];
  });
}
