import type { StartFailure } from "../../runtime.ts";
import { constants } from "../ffi/constants.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";

export interface LogonFailure {
  reason: StartFailure;
  /** Follows the account's name; says what to do. */
  words: string;
  /** Too many tries lock the account, or fill the log of a domain for nothing (S34). */
  isGuarded: boolean;
}

const ofAccount = (words: string): LogonFailure => ({ reason: "LogonFailed", words, isGuarded: true });
const ofMachine = (words: string): LogonFailure => ({ reason: "LogonFailed", words, isGuarded: false });

/** The errors of LogonUserW. https://learn.microsoft.com/windows/win32/debug/system-error-codes--1300-1699- */
const FAILURES: Readonly<Record<number, LogonFailure>> = {
  [constants.ERROR_LOGON_FAILURE]: ofAccount("the name or the password is wrong: correct the Secret"),
  [c.ERROR_ACCOUNT_RESTRICTION]: ofAccount(
    "a policy forbids this logon (an empty password, or a restriction of the account)",
  ),
  [c.ERROR_INVALID_LOGON_HOURS]: ofAccount("it may not log on at this time of the day"),
  [c.ERROR_INVALID_WORKSTATION]: ofAccount("it may not log on to this machine"),
  [c.ERROR_PASSWORD_EXPIRED]: ofAccount("its password has expired: set a new one, and put it into the Secret"),
  [c.ERROR_ACCOUNT_DISABLED]: ofAccount("it is disabled: enable it"),
  [c.ERROR_ACCOUNT_EXPIRED]: ofAccount("it has expired"),
  [c.ERROR_PASSWORD_MUST_CHANGE]: ofAccount("its password must be changed before the first logon"),
  [c.ERROR_ACCOUNT_LOCKED_OUT]: ofAccount("it is locked out: unlock it, and look for who uses a wrong password"),
  [constants.ERROR_LOGON_TYPE_NOT_GRANTED]: ofMachine('it lacks the right "Log on as a service" on this machine'),
  [c.ERROR_LOGON_NOT_GRANTED]: ofMachine('it lacks the right "Log on as a service" on this machine'),
  [c.ERROR_NO_LOGON_SERVERS]: ofMachine("no domain controller answers"),
  [c.ERROR_TRUSTED_RELATIONSHIP_FAILURE]: ofMachine("this machine's trust with the domain is broken"),
  [c.ERROR_TRUST_FAILURE]: ofMachine("this machine's trust with the domain is broken"),
  [constants.ERROR_PRIVILEGE_NOT_HELD]: ofMachine(
    "this daemon lacks SeTcbPrivilege: install it as the service under LocalSystem (wctl service install)",
  ),
};

export function logonFailure(code: number, account: string): LogonFailure {
  const known = FAILURES[code] ?? ofMachine("the logon failed");
  if (code !== constants.ERROR_LOGON_TYPE_NOT_GRANTED && code !== c.ERROR_LOGON_NOT_GRANTED) return known;
  return { ...known, words: `${known.words}: wctl service grant-logon "${account}"` };
}
