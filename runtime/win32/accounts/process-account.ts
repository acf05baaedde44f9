import { createHash } from "node:crypto";
import type { AccountName } from "./account-name.ts";

/** The domain part of the names of all Processes' accounts, as `IIS APPPOOL` is that of application pools. */
export const PROCESS_DOMAIN = "WCTL APP";

/**
 * Windows leaves S-1-5-80 to S-1-5-111 to makers of virtual accounts; 80 (services), 82 (application pools) to 97, and 111 (sshd) are known to be
 * taken. https://learn.microsoft.com/windows/win32/secauthz/well-known-sids
 */
export const PROCESS_DOMAIN_SID = "S-1-5-107";

const PARTS = 5;

export type ProcessAccount = AccountName & { sid: string; label: string };

/**
 * The account of all copies of one Process, and of nobody else: name and SID follow from its uid, so they are the same after every restart.
 * It has no password, no profile and no entry in any list of users.
 */
export function processAccount(owner: string): ProcessAccount {
  const label = `${PROCESS_DOMAIN}\\${owner}`;
  return {
    kind: "process",
    user: owner,
    domain: PROCESS_DOMAIN,
    lookUp: label,
    label,
    sid: `${PROCESS_DOMAIN_SID}-${hashed(owner)}`,
  };
}

/** Stands for one home in the write-restricted tokens of its copy, and in the access lists of what they may write. Nobody logs on as it. `id`: of the home. */
export const homeSid = (id: string): string => `${PROCESS_DOMAIN_SID}-1-${hashed(id)}`;

/** Undefined for an account of another kind. `label`: as in a run's record. */
export function processAccountOf(label: string): ProcessAccount | undefined {
  const start = `${PROCESS_DOMAIN}\\`;
  return label.startsWith(start) ? processAccount(label.slice(start.length)) : undefined;
}

function hashed(text: string): string {
  const digest = createHash("sha256").update(text).digest();
  return Array.from({ length: PARTS }, (_, index) => digest.readUInt32LE(index * 4)).join("-");
}
