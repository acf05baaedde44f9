import { type Restrictions, type RunAs, StartError } from "../../runtime.ts";
import type { BlockingCalls } from "../blocking-calls.ts";
import { constants } from "../ffi/constants.ts";
import { isSid } from "../security/sid.ts";
import { Win32Error } from "../win32-error.ts";
import { sidOfName } from "./look-up-account.ts";

/** The restrictions of the token with every group as a SID, so that it can be made again without asking anybody. Rejects with StartError. */
export async function knownRestrictions(slow: BlockingCalls, runAs: RunAs): Promise<Restrictions> {
  const { password: _, account: _account, session: _session, mitigations: _mitigations, ...asked } = runAs;
  if (!asked.denyOnlyGroups) return asked;
  const sids: string[] = [];
  for (const group of asked.denyOnlyGroups) sids.push(isSid(group) ? group : await groupSid(slow, group));
  return { ...asked, denyOnlyGroups: sids };
}

async function groupSid(slow: BlockingCalls, group: string): Promise<string> {
  try {
    return await sidOfName(slow, group);
  } catch (error) {
    if (!(error instanceof Win32Error) || error.code !== constants.ERROR_NONE_MAPPED) throw error;
    throw new StartError("InvalidArgument", `runAs.denyOnlyGroups: this machine knows no group ${group}`, {
      cause: error,
    });
  }
}
