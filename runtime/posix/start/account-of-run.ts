import type { RunRecord } from "../../runs/run-record.ts";
import { StartError } from "../../runtime.ts";
import type { Account } from "../accounts/account.ts";
import { dynamicAccount } from "../accounts/dynamic-users.ts";
import { resolveAccount } from "../accounts/run-as.ts";
import { accountIdOf } from "./launch.ts";

/** The account that the run was started with. Throws where its record does not tell it, or where the name belongs to another account now (P22). */
export function accountOfRun({ label, run, account: name, accountId }: RunRecord): Account {
  const runAs = name === undefined ? undefined : { account: name };
  const account = accountId === undefined ? undefined : resolveAccount(runAs, () => dynamicAccount(Number(accountId)));
  if (account && accountIdOf(account) === accountId) return account;
  const why = account
    ? `it was started as ${accountId}, and ${account.name} is ${accountIdOf(account)} now`
    : "its record does not tell its account";
  throw new StartError(
    "AccountNotAllowed",
    `${label}: nothing can be run beside run ${run}: ${why}; it can from its next start on`,
  );
}
