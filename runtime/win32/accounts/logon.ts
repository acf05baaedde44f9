import { StartError } from "../../runtime.ts";
import type { BlockingCalls } from "../blocking-calls.ts";
import { constants } from "../ffi/constants.ts";
import { tokenConstants as c, SERVICE_ACCOUNT_PASSWORD } from "../ffi/token-constants.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { encodeSid } from "../security/sid.ts";
import { Token } from "../security/token.ts";
import { nameOfError, Win32Error } from "../win32-error.ts";
import type { AccountKind, AccountName } from "./account-name.ts";
import { authorityOfName } from "./authority.ts";
import { logonFailure } from "./logon-failures.ts";
import type { LogonGuard } from "./logon-guard.ts";
import { allowServiceLogon } from "./lsa.ts";

export interface LogonParts {
  api: Winapi;
  slow: BlockingCalls;
  guard: LogonGuard;
  /** For the time of the next try. */
  wall: () => Date;
}

export type KnownAccount = AccountName & { sid: string; label: string };

/** Only the machine's own LSA is asked for these, so they need no thread of their own. */
const LOCAL: readonly AccountKind[] = ["local-service", "network-service", "virtual", "process"];

/**
 * Logs an account on as a service does. The caller closes the token. Throws StartError: LogonFailed, AccountNotAllowed.
 * https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-logonuserw
 */
export async function logOn(parts: LogonParts, account: KnownAccount, password: string | undefined): Promise<Token> {
  const secret = passwordOf(account, password);
  try {
    if (account.kind !== "user" || !secret) return await attempt(parts, account, secret);
    return await parts.guard.inTurn(account.sid, () => {
      refuseTooSoon(parts, account, secret);
      return attempt(parts, account, secret);
    });
  } finally {
    secret?.fill(0);
  }
}

async function attempt(parts: LogonParts, account: KnownAccount, secret: Buffer | null): Promise<Token> {
  const out = Buffer.alloc(8);
  const { value, code } = await call(parts, account, secret, out);
  if (!value) throw failure(parts, account, secret, code);
  parts.guard.succeeded(account.sid);
  return new Token(parts.api, Number(out.readBigUInt64LE()));
}

/** As UTF-16, ended by NUL; null where the system needs none. */
function passwordOf({ kind, label }: KnownAccount, password: string | undefined): Buffer | null {
  if (kind === "managed") return wide(SERVICE_ACCOUNT_PASSWORD);
  if (kind !== "user") return null;
  if (password !== undefined) return wide(password);
  throw new StartError(
    "AccountNotAllowed",
    `${label} is a user and logs on with a password: name the Secret that holds it in runAs.passwordSecretRef`,
  );
}

const wide = (text: string): Buffer => Buffer.from(`${text}\0`, "utf16le");

async function call(
  { api, slow }: LogonParts,
  account: KnownAccount,
  secret: Buffer | null,
  out: Buffer,
): Promise<{ value: number; code: number }> {
  const { kind, user, domain, lookUp } = account;
  if (kind === "process") return virtualLogon(api, account, out);
  const provider = kind === "virtual" ? c.LOGON32_PROVIDER_VIRTUAL : c.LOGON32_PROVIDER_DEFAULT;
  const args = [user, domain, secret, c.LOGON32_LOGON_SERVICE, provider, out] as const;
  if (!LOCAL.includes(kind)) return slow.call(authorityOfName(lookUp), "LogonUserW", [...args]);
  const value = api.LogonUserW(...args);
  return { value, code: value ? 0 : api.GetLastError() };
}

/**
 * Logs on as application pools and sshd do. Windows gives the right to log on as a service to its own kinds of virtual accounts by their group. Where
 * this account lacks it, we give it; `forgetRights` takes it back when the Process is gone.
 */
function virtualLogon(
  api: Winapi,
  { user, domain, sid, label }: KnownAccount,
  out: Buffer,
): { value: number; code: number } {
  const nothing = wide("");
  const attempt = (): { value: number; code: number } => {
    if (!api.LogonUserExExW) return { value: 0, code: constants.ERROR_NOT_SUPPORTED };
    const [type, provider] = [c.LOGON32_LOGON_SERVICE, c.LOGON32_PROVIDER_VIRTUAL];
    const value = api.LogonUserExExW(user, domain, nothing, type, provider, null, out, null, null, null, null);
    return { value, code: value ? 0 : api.GetLastError() };
  };
  const first = attempt();
  if (first.value || first.code !== constants.ERROR_LOGON_TYPE_NOT_GRANTED) return first;
  allowServiceLogon(api, encodeSid(sid), label);
  return attempt();
}

function refuseTooSoon({ guard, wall }: LogonParts, { sid, label }: KnownAccount, secret: Buffer): void {
  const refusal = guard.refusal(sid, secret);
  if (!refusal) return;
  const next = new Date(Math.ceil((wall().getTime() + refusal.waitMs) / 1000) * 1000).toISOString().replace(".000", "");
  throw new StartError(
    "LogonFailed",
    `${label} can't log on: ${refusal.why}. So that the account is not locked, the same password is not tried again before ${next}; another one is tried at once`,
  );
}

function failure(
  { guard }: LogonParts,
  { kind, sid, label }: KnownAccount,
  secret: Buffer | null,
  code: number,
): StartError {
  const { reason, words, isGuarded } = logonFailure(code, label);
  if (isGuarded && kind === "user" && secret) guard.failed(sid, secret, words);
  return new StartError(reason, `${label} can't log on: ${words} (LogonUserW: ${nameOfError(code)})`, {
    cause: new Win32Error("LogonUserW", code, { account: label }),
  });
}
